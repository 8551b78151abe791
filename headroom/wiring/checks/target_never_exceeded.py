"""The target lies where the metric can never exceed it.

A ratio ends at 1, also where its name says `perc`. The HPA acts only when a metric is more than its tolerance (10 %) above the target, so a
target from 0.91 up on a ratio is never exceeded far enough.

## Why it matters

The autoscaler never adds a replica, at any load.

## How to mend it

Choose a target with room above it, say 0.6 to 0.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from headroom.wiring.bounds import upper, upper_of_series
from headroom.wiring.chain import asked, askings, links
from headroom.wiring.document import Place
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.managed import managed
from headroom.wiring.values import quantity

_TOLERANCE = Decimal("0.1")


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        targets = [value for value in metric.target_values.values() if isinstance(value, Decimal)]
        wanted = managed(metric)
        series = [link.series for link in links(facts, autoscaler, metric)] + ([wanted.series] if wanted else [])
        for behind in series:
            yield from _judge(metric.place, name, upper_of_series(facts, behind), targets)
    for asking in (asking for asking in askings(facts) if not asking.autoscaler.composed):
        threshold = asking.trigger.metadata.get("threshold")
        target = quantity(threshold) if isinstance(threshold, str) else None
        yield from _judge(asking.trigger.place, "the trigger's query", upper(facts, asking.tree), [] if target is None else [target])


def _judge(place: Place, subject: str, bound: Decimal | None, targets: list[Decimal]) -> Iterator[Verdict]:
    if bound is not None and targets and targets[0] * (1 + _TOLERANCE) >= bound:
        yield error(
            place,
            f"{subject} never rises above {bound:f}, and a target of {targets[0].normalize():f} needs more than that to add a replica",
            f"choose a target well below {bound:f}",
        )
