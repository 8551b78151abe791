"""Versions: read from text, and which of them can stand in for the pinned one."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple


class Version(NamedTuple):
    """A semantic version without its pre-release part."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


class Fit(Enum):
    """Which versions of a program on the PATH may be used instead of the pinned one."""

    PATCH = "the same minor version, no older patch"
    MINOR = "the same major version, no older release"
    SKEW = "at most one minor version away"
    NEVER = "none: it does not tell its version"


_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def parse(text: str) -> Version | None:
    """The first `major.minor[.patch]` in `text`, as programs print it; None when there is none."""
    match = _VERSION.search(text)
    return Version(int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def fits(found: Version, pinned: Version, fit: Fit) -> bool:
    """Whether a program of version `found` may be used where `pinned` is asked for."""
    if fit is Fit.NEVER or found.major != pinned.major:
        return False
    if fit is Fit.SKEW:
        return abs(found.minor - pinned.minor) <= 1
    if fit is Fit.PATCH and found.minor != pinned.minor:
        return False
    return found >= pinned


def prometheus_release(module: Version) -> Version:
    """Prometheus releases 3.13.2 as Go module 0.313.2, because its module path has no major version."""
    return Version(module.minor // 100, module.minor % 100, module.patch)
