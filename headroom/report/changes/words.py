"""How a report says its numbers and values, whatever it is written in."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import yaml

from headroom.report.changes.cost import Cost, Monthly, PoolCost, least, most
from headroom.report.changes.model import Op, Report, Violation
from headroom.report.changes.values import ABSENT, Difference
from headroom.report.changes.view import DRIFT, Loss, StackView
from headroom.report.findings import where
from headroom.report.price import PoolPrice

OPS = {Op.CREATE: "new", Op.UPDATE: "changed", Op.REPLACE: "replaced", Op.DELETE: "deleted", Op.IMPORT: "imported", Op.SAME: "same"}
SIGNS = {Op.CREATE: "+", Op.UPDATE: "~", Op.REPLACE: "±", Op.DELETE: "-", Op.IMPORT: "+"}
TITLES = {
    "preview": "Preview",
    "up": "Update",
    "drift": "Drift",
    "destroy": "Destroy",
    "render": "Comparison of what is asked for",
}
_LONGEST_LINE = 300
_CONTEXT = 2
_SHARED = 40
_MOST_NAMES = 12


def counted(number: int, one: str, many: str = "") -> str:
    """`1 stack`, `3 stacks`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def violated(violation: Violation) -> str:
    """Where a violation is mended; as long as nobody has looked, what it is about."""
    return where(violation.place) if violation.place else violation.about


def headline(report: Report) -> str:
    """`Preview of 16 stacks`, or of the one by its name."""
    of = report.stacks[0].stack if len(report.stacks) == 1 else counted(len(report.stacks), "stack")
    return f"{TITLES.get(report.operation, report.operation.capitalize())} of {of}"


def verdict(stacks: Iterable[StackView], operation: str = "preview") -> tuple[str, ...]:
    """The whole in a few sentences, the worst first."""
    seen = tuple(stacks)
    failed = [stack.stack for stack in seen if stack.problem]
    losses = [loss for stack in seen for loss in stack.losses]
    outages = [server.server for stack in seen for server in stack.servers if server.outage]
    refused, warned = sum(stack.refused for stack in seen), sum(stack.warned for stack in seen)
    found = [
        f"{counted(len(failed), 'stack')} could not be looked into, or failed: {_some(failed)}." if failed else "",
        f"{counted(len(losses), 'resource')} that {'holds' if len(losses) == 1 else 'hold'} state {_are(losses)}." if losses else "",
        f"Outage of {_some(outages)}." if outages else "",
        f"{counted(refused, 'error')} to mend first." if refused else "",
        f"{counted(warned, 'warning')}." if warned else "",
        "" if len(failed) == len(seen) else _changing(operation, seen),
    ]
    return tuple(sentence for sentence in found if sentence)


def _changing(operation: str, stacks: Sequence[StackView]) -> str:
    number = sum(stack.changes for stack in stacks)
    if not number:
        return "All is as it was left." if operation == DRIFT else "Nothing changes."
    one, many = ("is not as it was left", "are not as they were left") if operation == DRIFT else ("changes", "change")
    return f"{number} of {counted(len(stacks), 'stack')} {one if number == 1 else many}."


def _some(names: Sequence[str]) -> str:
    told = list(dict.fromkeys(names))
    return ", ".join(told[:_MOST_NAMES]) + (f" and {len(told) - _MOST_NAMES} more" if len(told) > _MOST_NAMES else "")


def _are(losses: list[Loss]) -> str:
    ops = {loss.op for loss in losses}
    word = " or ".join(OPS[op] for op in (Op.DELETE, Op.REPLACE) if op in ops)
    return f"{'is' if len(losses) == 1 else 'are'} {word}"


def money(amount: float | None) -> str:
    return "unknown" if amount is None else f"${amount:,.0f}"


def span(monthly: Monthly) -> str:
    """`$0 to $3,569`, and which pools are in no sum."""
    sums = money(monthly.smallest) if monthly.smallest == monthly.largest else f"{money(monthly.smallest)} to {money(monthly.largest)}"
    if not monthly.unpriced:
        return sums
    without = f"without {', '.join(monthly.unpriced)}"
    return f"{sums} ({without})" if monthly.largest else f"unknown ({without})"


def priced(cost: Cost) -> str:
    """Before and after, where both are known and differ."""
    if cost.before is not None and cost.before != cost.after:
        return f"{span(cost.before)} → {span(cost.after)}"
    return span(cost.after)


def pool_costs(stacks: Iterable[StackView]) -> Iterator[tuple[str, ...]]:
    """Pools of stacks whose cost changes: stack, pool, machine, an hour of a node, a month at min and at max."""
    for stack in stacks:
        if stack.cost.changes:
            for pool in stack.cost.pools:
                told = (_machine, _hourly, lambda row: money(least(row)), lambda row: money(most(row)))
                yield stack.stack, pool.pool, *(_both(tell, pool) for tell in told)


def sources(stacks: Iterable[StackView]) -> str:
    """Where all prices are from, with their days; empty without any."""
    return "; ".join(dict.fromkeys(source for stack in stacks for source in stack.cost.sources))


def _both(tell: Callable[[PoolPrice], str], pool: PoolCost) -> str:
    before, after = ("none" if row is None else tell(row) for row in pool.sides)
    return before if before == after else f"{before} → {after}"


def _machine(row: PoolPrice) -> str:
    nodes = str(row.max_nodes) if row.min_nodes == row.max_nodes else f"{row.min_nodes} to {row.max_nodes}"
    return f"{nodes} x {row.machine}, {row.capacity}"


def _hourly(row: PoolPrice) -> str:
    return "unknown" if row.hourly is None else f"${row.hourly:,.2f}"


def more_or_less(cost: Cost) -> str:
    """`+$1,784 at most`; nothing where it is not known, or the same."""
    if cost.before is None:
        return ""
    ends = ((cost.before.smallest, cost.after.smallest, "at least"), (cost.before.largest, cost.after.largest, "at most"))
    parts = [f"{'+' if new > old else '-'}{money(abs(new - old))} {which}" for old, new, which in ends if round(new - old)]
    known = " as far as prices are known" if parts and (cost.before.unpriced or cost.after.unpriced) else ""
    return ", ".join(parts) + known


def difference_lines(entry: Difference, longest: int = 40) -> list[str]:
    """One difference as lines of a diff: each begins with `-`, `+`, a space or `@@`."""
    before, after = _text(entry.before), _text(entry.after)
    mark = "  (replaces it)" if entry.replaces else ""
    if "\n" not in (before or "") + (after or ""):
        sides = (("-", _around(before, after)), ("+", _around(after, before)))
        return [f"{sign} {entry.path}: {_cut(side)}{mark if sign == '+' else ''}" for sign, side in sides if side is not None]
    changed = difflib.unified_diff((before or "").splitlines(), (after or "").splitlines(), lineterm="", n=_CONTEXT)
    lines = [_cut(line) for line in list(changed)[2:] if not line.startswith("@@")]
    rest = len(lines) - longest
    return [f"@@ {entry.path}{mark} @@", *lines[:longest], *([f"@@ {counted(rest, 'line')} more @@"] if rest > 0 else [])]


def _around(side: str | None, other: str | None) -> str | None:
    """Of two long values the end of what they begin with alike, and what follows."""
    if side is None or other is None or max(len(side), len(other)) <= _LONGEST_LINE:
        return side
    alike = next((index for index, (one, two) in enumerate(zip(side, other, strict=False)) if one != two), min(len(side), len(other)))
    return side if alike <= _SHARED else f"…{side[alike - _SHARED :]}"


def _text(value: Any) -> str | None:
    """As a stack's YAML would say it; None where there is nothing."""
    if value is ABSENT:
        return None
    if isinstance(value, str):
        return value.rstrip("\n")
    return yaml.safe_dump(value, sort_keys=False, width=120, default_flow_style=not _deep(value)).removesuffix("\n...\n").rstrip("\n")


def _deep(value: Any) -> bool:
    """Whether it wants lines of its own."""
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return len(inside) > 4 or any(isinstance(entry, dict | list) for entry in inside)


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
