"""What a check says, and what a reader gets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from headroom.wiring.document import Place


class Severity(StrEnum):
    ERROR = "error"
    """The loop does not work, or works on a wrong number."""
    WARNING = "warning"
    """The loop works, until something ordinary happens."""
    UNKNOWN = "unknown"
    """The manifests at hand do not tell."""


@dataclass(frozen=True)
class Verdict:
    """A check's answer about one place. `message` says what is wrong and what follows, `fix` what would be right."""

    severity: Severity
    place: Place
    message: str
    fix: str


@dataclass(frozen=True)
class Finding:
    """A verdict with the name of the check that reached it and the page that explains it."""

    check: str
    severity: Severity
    place: Place
    message: str
    fix: str
    docs: str


def error(place: Place, message: str, fix: str) -> Verdict:
    return Verdict(Severity.ERROR, place, message, fix)


def warning(place: Place, message: str, fix: str) -> Verdict:
    return Verdict(Severity.WARNING, place, message, fix)


def cannot_tell(place: Place, message: str, fix: str) -> Verdict:
    return Verdict(Severity.UNKNOWN, place, message, fix)
