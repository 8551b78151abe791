"""The whole report as one page for a browser: nothing is fetched, no script runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from headroom.report.changes.cost import Cost, Monthly
from headroom.report.changes.model import Op, Report
from headroom.report.changes.view import Detail, StackView, view
from headroom.report.changes.words import (
    OPS,
    SIGNS,
    counted,
    difference_lines,
    headline,
    money,
    more_or_less,
    pool_costs,
    priced,
    sources,
    span,
    verdict,
    violated,
)
from headroom.report.findings import where
from headroom.wiring.secrets import hidden

_CLASSES = {"-": "old", "+": "new", "@": "mark"}
_TABLE = (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.SAME)


@dataclass(frozen=True)
class _Bar:
    """Where a range of cost lies on the scale of all, in percent."""

    label: str
    start: float
    width: float
    text: str
    now: float | None = None


def html(report: Report, at: datetime | None = None) -> str:
    """The page, made `at` (default: now, UTC)."""
    stacks = view(report)
    environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("headroom.report").joinpath("templates/page.html.j2").read_text())
    written = template.render(
        report=report,
        title=headline(report),
        verdict=verdict(stacks, report.operation),
        tiles=_tiles(stacks),
        told=[stack for stack in stacks if not stack.quiet],
        quiet=[stack.stack for stack in stacks if stack.quiet],
        now=any(stack.cost.now is not None for stack in stacks),
        bars=lambda cost: tuple(_bars(cost, _scale(stacks))),
        made=(at or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC"),
        columns=[(OPS[op], op) for op in _TABLE],
        OPS=OPS,
        SIGNS=SIGNS,
        counted=counted,
        lines=_lines,
        pool_costs=lambda stack: tuple(pool_costs((stack,))),
        sources=sources(stacks),
        money=money,
        more_or_less=more_or_less,
        priced=priced,
        where=where,
        violated=violated,
    )
    return hidden(written, ())


def _tiles(stacks: Sequence[StackView]) -> list[tuple[str, str, str]]:
    """Number, what it counts, and how it is to be taken: bad, warn or calm."""
    losses, errors = sum(len(stack.losses) for stack in stacks), sum(stack.refused for stack in stacks)
    outages = sum(server.outage for stack in stacks for server in stack.servers)
    warnings, changing = sum(stack.warned for stack in stacks), sum(stack.changes for stack in stacks)
    return [
        (f"{changing} of {len(stacks)}", "stack changes" if len(stacks) == 1 else "stacks change", "calm"),
        (str(losses), "replaced or deleted with what they hold", "bad" if losses else "calm"),
        (str(outages), "outage" if outages == 1 else "outages", "bad" if outages else "calm"),
        (str(errors), f"{'error' if errors == 1 else 'errors'} to mend first", "bad" if errors else "calm"),
        (str(warnings), "warning" if warnings == 1 else "warnings", "warn" if warnings else "calm"),
    ]


def _scale(stacks: Sequence[StackView]) -> float:
    sides = [side for stack in stacks for side in (stack.cost.before, stack.cost.after) if side]
    return max((side.largest for side in sides), default=0)


def _bars(cost: Cost, most: float) -> Iterator[_Bar]:
    if cost.changes and cost.before and most:
        yield _bar("before", cost.before, most, cost.now)
        yield _bar("after", cost.after, most, None)
    elif most:
        yield _bar("", cost.after, most, cost.now)


def _bar(label: str, side: Monthly, most: float, now: float | None) -> _Bar:
    start, end = (100 * amount / most for amount in (side.smallest, side.largest))
    return _Bar(label, start, max(end - start, 0.5), span(side), None if now is None else 100 * now / most)


def _lines(detail: Detail) -> list[tuple[str, str]]:
    """Every line of the differences, and its class in the page."""
    return [(_CLASSES.get(line[:1], "same"), line) for entry in detail.differences for line in difference_lines(entry, longest=400)]
