"""A build on standard error: live on a terminal, a line now and then elsewhere. Imported only when something is built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from headroom.tools.progress import Plain, Report, Snapshot, line, times


@contextmanager
def display() -> Iterator[Report]:
    """The report that suits standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Plain()
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        yield _Terminal(live)


@dataclass
class _Terminal:
    live: Live

    def plan(self, text: str) -> None:
        self.live.console.print(Text(text))

    def show(self, now: Snapshot) -> None:
        if now.done:
            self.live.console.print(Text(line(now)))
        else:
            self.live.update(picture(now))


def picture(now: Snapshot) -> Group:
    """The tool under way with a bar, its times, and what it does just now."""
    grid = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=max(now.expected, 1), completed=min(now.elapsed, now.expected), width=30)
    grid.add_row(Text(f"{now.title} ({now.position} of {now.total})", style="bold"), bar)
    note = Text(f"{times(now)}\n{now.activity}", style="dim", no_wrap=True, overflow="ellipsis")
    return Group(grid, note)
