"""How a wait ends when it does not end well.

AwaitError
├── NotReady     failed for good, timed out, or (on refresh) found unhealthy
├── Cancelled    the user stopped it
├── StillThere   a deletion that did not finish in time
└── BadWaitFor   the annotation pulumi.com/waitFor cannot be read
"""

from __future__ import annotations

from collections.abc import Sequence

from headroom.plugins.kubernetes.client import Object


class AwaitError(Exception):
    """A wait ended without what it waited for."""


class NotReady(AwaitError):
    """The object `live` exists and is not ready; `reasons` is never empty, its first item says how the wait ended."""

    def __init__(self, live: Object, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.live = live
        self.reasons = list(reasons)


class Cancelled(AwaitError):
    """The wait was cancelled while `live` looked like this; `reasons` as in `NotReady`."""

    def __init__(self, live: Object, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.live = live
        self.reasons = list(reasons)


class StillThere(AwaitError):
    """The object outlived the time for its deletion: `warning` says what may hold it, `message` how the wait ended."""

    def __init__(self, warning: str, message: str) -> None:
        super().__init__(message)
        self.warning = warning
        self.message = message


class BadWaitFor(AwaitError):
    """An expression of `pulumi.com/waitFor` that cannot be read."""
