"""What a build shows: which tool, what it does, how long it took and how long is left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from headroom.tools.cache import Record

_TELLING_PACKAGES = 300
"""A build that compiled fewer packages found the rest in Go's cache: its time says nothing about the machine."""
_PLAIN_SECONDS = 30


@dataclass(frozen=True)
class Snapshot:
    """Where the work stands. Times are seconds; `left` is for this tool and all that come after it."""

    title: str
    activity: str
    elapsed: float
    expected: float
    left: float
    position: int
    total: int
    done: bool = False


class Report(Protocol):
    """Who is told of a build: once what is to come, then where it stands, about twice a second."""

    def plan(self, text: str) -> None: ...

    def show(self, now: Snapshot) -> None: ...


def speed(records: Sequence[Record]) -> float:
    """How many times longer than the catalog says this machine takes; 1.0 while nothing is known."""
    telling = [record for record in records if record.compiled >= _TELLING_PACKAGES]
    expected = sum(record.expected for record in telling)
    return sum(record.seconds for record in telling) / expected if expected else 1.0


def left(elapsed: float, expected: float, rest: Sequence[float]) -> float:
    """Seconds until the end. A tool that takes longer than expected makes those still to come longer too."""
    overrun = max(1.0, elapsed / expected)
    return max(expected - elapsed, 0.0) + sum(rest) * overrun


def duration(seconds: float) -> str:
    """`0:05`, `12:30`, `1:02:03`."""
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def about(seconds: float) -> str:
    """A duration that does not pretend to be exact: `under a minute`, `about 7 min`."""
    return "under a minute" if seconds < 60 else f"about {round(seconds / 60)} min"


def line(now: Snapshot) -> str:
    """One line for logs and pipes."""
    head = f"tools {now.position}/{now.total}: {now.title}"
    if now.done:
        return f"{head}: ready after {duration(now.elapsed)}"
    return f"{head}: {now.activity}, {times(now)}"


def times(now: Snapshot) -> str:
    """How long it took, beside how long it was expected to take."""
    if now.elapsed <= now.expected:
        return f"{duration(now.elapsed)} of about {duration(now.expected)}; all done in {about(now.left)}"
    after = f"; what comes after it takes {about(now.left)}" if now.left else ""
    return f"{duration(now.elapsed)}, longer than the expected {duration(now.expected)}{after}"


@dataclass
class Plain:
    """Writes a line for each tool's start and end, and every half minute between them."""

    write: Callable[[str], object] = lambda text: print(text, file=sys.stderr, flush=True)
    clock: Callable[[], float] = time.monotonic
    _title: str = ""
    _said_at: float = 0.0

    def plan(self, text: str) -> None:
        self.write(text)

    def show(self, now: Snapshot) -> None:
        if now.done or now.title != self._title or self.clock() - self._said_at >= _PLAIN_SECONDS:
            self.write(line(now))
            self._title, self._said_at = now.title, self.clock()
