"""What is said of each link between an engine's metric and a replica count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    CANNOT_TELL = "cannot tell"
    """It could not be measured: a right is missing, the way there is closed, or it is too early."""
    ASLEEP = "asleep"
    """There is nothing to measure while the server has no replica by its own settings."""
    NOT_REACHED = "not reached"
    """An earlier link is broken: what this one shows would follow from that."""


@dataclass(frozen=True)
class Link:
    """One link, measured or not."""

    name: str
    verdict: Verdict
    measured: str = ""
    """What was seen, or why it could not be."""
    seconds_old: float | None = None
    """How old what was seen was when it was read; 0 for what the API server says at that moment. None where nothing tells."""
    fix: str = ""
    """What to do, of one that is broken or cannot be told."""


@dataclass(frozen=True)
class Loop:
    """The links of one server, in the order from its metric to its replicas."""

    server: str
    namespace: str
    links: tuple[Link, ...] = ()
    """None where the server was never applied."""

    @property
    def there(self) -> bool:
        return bool(self.links)

    @property
    def broken(self) -> Link | None:
        """The first broken one."""
        return next((link for link in self.links if link.verdict is Verdict.BROKEN), None)

    @property
    def untold(self) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.verdict is Verdict.CANNOT_TELL)


@dataclass(frozen=True)
class Told:
    """A link that holds: what was seen, and how old that was."""

    measured: str
    seconds_old: float | None = 0


class Broken(Exception):
    """A link does not hold. `measured` says what was seen, `fix` what to do."""

    def __init__(self, measured: str, fix: str, seconds_old: float | None = 0) -> None:
        super().__init__(measured)
        self.measured, self.fix, self.seconds_old = measured, fix, seconds_old


class CannotTell(Exception):
    """A link could not be measured. `why` says so, `fix` what would help."""

    def __init__(self, why: str, fix: str = "") -> None:
        super().__init__(why)
        self.why, self.fix = why, fix


class Asleep(Exception):
    """A link has nothing to show while the server sleeps."""
