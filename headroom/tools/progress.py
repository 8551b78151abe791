"""What a build shows: which tool, what it does, how long it took and how long is left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from headroom.tools.cache import Record

_FROM_GO_CACHE = 0.2
"""A build that took less than this share of what the catalog expects compiled little: it says nothing about the machine."""
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
    telling = [record for record in records if record.seconds >= _FROM_GO_CACHE * record.expected]
    expected = sum(record.expected for record in telling)
    return sum(record.seconds for record in telling) / expected if expected else 1.0


def left(elapsed: float, expected: float, rest: Sequence[float]) -> float:
    """Seconds until the end, never less than the tools still to come are expected to take."""
    return max(expected - elapsed, 0.0) + sum(rest)


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
    overdue = ", longer than expected" if now.elapsed > now.expected else ""
    times = f"{duration(now.elapsed)} of about {duration(now.expected)}{overdue}"
    return f"{head}: {now.activity}, {times}; all done in {about(now.left)}"


@contextmanager
def display() -> Iterator[Report]:
    """Shows a build on standard error: live on a terminal, a line now and then elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Plain()
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        yield _Terminal(live)


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


@dataclass
class _Terminal:
    live: Live

    def plan(self, text: str) -> None:
        self.live.console.print(Text(text))

    def show(self, now: Snapshot) -> None:
        if now.done:
            self.live.console.print(Text(line(now)))
        else:
            self.live.update(_picture(now))


def _picture(now: Snapshot) -> Group:
    grid = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=max(now.expected, 1), completed=min(now.elapsed, now.expected), width=30)
    times = f"{duration(now.elapsed)} of about {duration(now.expected)}"
    grid.add_row(Text(now.title, style="bold"), bar, times)
    note = Text(f"{now.activity}\ntool {now.position} of {now.total}; all done in {about(now.left)}", style="dim", overflow="ellipsis")
    return Group(grid, note)
