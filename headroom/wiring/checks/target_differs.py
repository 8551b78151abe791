"""An autoscaler holds another target than the one that is recorded for dashboards and alerts.

A signal's target is a recorded series beside the signal: `headroom:queue_time_seconds:target` is what `…:server` is held at, in the same
unit. The autoscaler has it once more, as a quantity or a threshold.

## Why it matters

One of them is wrong, mostly in its unit: `200` for `200m` lets requests wait for 200 seconds before a replica is added, and the dashboard
shows a target that nobody holds.

## How to mend it

Write the same number in both, in the unit of the series' name.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import promql_parser as ast

from headroom.catalog.names import SERIES_PREFIX
from headroom.wiring import promql
from headroom.wiring.chain import asked, askings, links
from headroom.wiring.document import Place
from headroom.wiring.facts import Facts, Rule
from headroom.wiring.finding import Verdict, error
from headroom.wiring.selected import Selected
from headroom.wiring.series import made_by, tree_of, values_of
from headroom.wiring.values import quantity

_LEVELS = (":server", ":pod")
_ROUNDED = Decimal("0.0005")
"""What a quantity in thousandths may be off."""


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in (asking for asking in askings(facts) if not asking.autoscaler.composed):
        threshold = asking.trigger.metadata.get("threshold")
        held = quantity(threshold) if isinstance(threshold, str) else None
        for wanted in _as_it_is(asking.tree, asking.asked):
            yield from _judge(facts, wanted, held, asking.trigger.place)
    for autoscaler, metric, _ in asked(facts):
        held = next((value for value in metric.target_values.values() if isinstance(value, Decimal)), None)
        for wanted in (wanted for link in links(facts, autoscaler, metric) for wanted in _as_it_is(link.tree, link.asked)):
            yield from _judge(facts, wanted, held, metric.place)


def _as_it_is(tree: promql.Node | None, asked: tuple[Selected, ...]) -> tuple[Selected, ...]:
    """The series that a query asks for in its own unit: what is calculated with it may have another."""
    return () if tree is None or any(isinstance(node, ast.BinaryExpr) for node in promql.walk(tree)) else asked


def _judge(facts: Facts, wanted: Selected, held: Decimal | None, place: Place) -> Iterator[Verdict]:
    name = next((wanted.name.removesuffix(level) for level in _LEVELS if wanted.name.endswith(level)), None)
    if held is None or name is None or not name.startswith(SERIES_PREFIX):
        return
    rules = made_by(facts, wanted)
    if len(rules) != 1:
        return  # Whose it is, is not told.
    for recorded in dict.fromkeys(_beside(facts, rules[0], f"{name}:target")):
        if abs(held - Decimal(str(recorded))) > max(_ROUNDED, held / 100):
            yield error(
                place,
                f"{wanted.name} is held at {held.normalize():f}, and {name}:target says {recorded:g}",
                f"write {recorded:g} in both, if that is what is meant",
            )


def _beside(facts: Facts, rule: Rule, name: str) -> list[float]:
    """The target that is recorded for the same server as a rule's series; none where there are several."""
    labels = tuple((label, "=", value) for label, value in values_of(facts, rule).items())
    found = [promql.constant(tree) for rule in made_by(facts, Selected(name, labels)) if (tree := tree_of(rule)) is not None]
    return [number for number in found if number is not None] if len(found) == 1 else []
