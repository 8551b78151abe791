"""What a run shows while it lasts: a line per stack that is redrawn at a terminal, a line per change elsewhere."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

from pulumi.automation import EngineEvent, OpType
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from headroom.automation.driver import Operation, Outcome
from headroom.automation.redaction import Redactor
from headroom.automation.terminal import COLOURS
from headroom.report.changes import Op, Report, StackChanges
from headroom.report.changes.view import view
from headroom.report.changes.words import counted

_DONE = {
    OpType.CREATE: "created",
    OpType.UPDATE: "updated",
    OpType.DELETE: "deleted",
    OpType.CREATE_REPLACEMENT: "created anew",
    OpType.DELETE_REPLACED: "deleted the replaced",
    OpType.IMPORT: "imported",
}
_MARKS = {Op.CREATE: "+", Op.UPDATE: "~", Op.REPLACE: "±", Op.DELETE: "-", Op.IMPORT: "="}
_LONGEST = 200
"""Characters of why a stack failed; the result says it whole."""


class OnTerminal:
    """Writes to `console`, which is standard error: standard output is for the result. All text goes through `redact`."""

    def __init__(self, operation: Operation, console: Console, redact: Redactor):
        self._operation = operation
        self._console = console
        self._redact = redact
        self._lock = threading.Lock()
        self._running: dict[str, tuple[float, str]] = {}
        """Since when, and what is being done last."""
        self._live = (
            Live(console=console, get_renderable=self._table, refresh_per_second=8, transient=True) if console.is_terminal else None
        )

    def __enter__(self) -> OnTerminal:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._live:
            self._live.stop()

    def begun(self, stack: str) -> None:
        with self._lock:
            self._running[stack] = (time.monotonic(), "starts")
        if not self._live:
            self._line(stack, f"{self._operation} begins")

    def heard(self, stack: str, event: EngineEvent) -> None:
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            with self._lock:
                self._running[stack] = (self._running[stack][0], f"{step.op.value} {step.urn.rpartition('::')[2]}")
        elif event.res_outputs_event and self._operation.changes:
            step = event.res_outputs_event.metadata
            if done := _DONE.get(step.op):
                self._line(stack, f"{done} {_kind(step.type)} {step.urn.rpartition('::')[2]}")

    def said(self, stack: str, line: str) -> None:
        self._line(stack, line)

    def done(self, stack: str, outcome: Outcome) -> None:
        with self._lock:
            begun, _ = self._running.pop(stack, (time.monotonic(), ""))
        for warning in outcome.warnings:
            self._line(stack, f"warning: {warning}")
        self._print(Text.assemble((stack, "bold"), "  ", tally(outcome.changes, self._operation), f"  {time.monotonic() - begun:.0f} s"))

    def _line(self, stack: str, line: str) -> None:
        self._print(Text.assemble((f"{stack}  " if stack else "", "bold"), line))

    def _print(self, text: Text) -> None:
        shown = self._redact(text.plain)
        self._console.print(text if shown == text.plain else shown, soft_wrap=True, highlight=False, markup=False)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        with self._lock:
            for stack, (begun, doing) in self._running.items():
                seconds = f"{time.monotonic() - begun:.0f} s"
                shown = Text(self._redact(doing), style="dim", overflow="ellipsis")
                table.add_row(Spinner("dots"), Text(stack, style="bold"), Text(seconds), shown)
        return table


def tally(changes: StackChanges, operation: Operation) -> Text:
    """`+2 create, ±1 replace, 1 error`, or why there is nothing to count."""
    if changes.problem:
        return Text.assemble(("failed: ", "bold red"), changes.problem.partition("\n")[0][:_LONGEST])
    counts = Counter(step.op for step in changes.steps if step.op in _MARKS)
    words = [Text(f"{_MARKS[op]}{counts[op]} {op}", style=COLOURS[op]) for op in _MARKS if counts[op]]
    if not counts:
        words = [Text("as it was left" if operation is Operation.DRIFT else "nothing changes", style="green")]
    refused = view(Report(operation, (changes,)))[0].refused
    return Text(", ").join([*words, *([Text(counted(refused, "error"), style="bold red")] if refused else [])])


def _kind(token: str) -> str:
    return token.rpartition(":")[2]
