"""What a rule is given, and what it may answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from headroom.plugins.kubernetes.client import GVK, Object

Severity = Literal["info", "warning"]


class Line(NamedTuple):
    """A line of progress, shown while the wait goes on and then forgotten."""

    text: str
    severity: Severity = "info"


@dataclass(frozen=True)
class Query:
    """Objects that a rule needs beside the awaited one: the one of this `name`, else all that match the label selector."""

    gvk: GVK
    namespace: str = ""
    name: str = ""
    labels: str = ""


@dataclass(frozen=True)
class Observed:
    """One look: the awaited object, the objects its rule asked for by kind, and how long (seconds) the wait has lasted (`elapsed`)
    and those objects have not changed (`quiet`). A look that is the only one counts as endlessly late and quiet."""

    live: Object
    related: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    elapsed: float = math.inf
    quiet: float = math.inf

    def of(self, kind: str) -> Sequence[Object]:
        return self.related.get(kind, ())


@dataclass(frozen=True)
class Done:
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """Not yet. `reasons` are told when the wait is given up now; `acceptable`: giving up now counts as success."""

    lines: tuple[Line, ...] = ()
    reasons: tuple[str, ...] = ()
    acceptable: bool = False


@dataclass(frozen=True)
class Failed:
    """Never: waiting longer would not help."""

    reasons: tuple[str, ...]
    lines: tuple[Line, ...] = ()


Verdict = Done | Waiting | Failed

CONDITION_TIMED_OUT = "timed out waiting for the condition"
CONTEXT_CANCELED = "context canceled"


def _nothing(_: Object) -> tuple[Query, ...]:
    return ()


@dataclass(frozen=True)
class Rule:
    """When a kind is ready. `related` asks for other objects; `timeout` (seconds) overrides what the user set; the two texts
    are the first reason of a wait that timed out or was cancelled."""

    assess: Callable[[Observed], Verdict]
    related: Callable[[Object], Sequence[Query]] = _nothing
    checked_on_refresh: bool = True
    timeout: float | None = None
    timed_out: str = "'{name}' timed out waiting to be Ready"
    cancelled: str = 'Resource operation was cancelled for "{name}"'
