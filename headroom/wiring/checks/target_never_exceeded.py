"""The target lies where the metric can never exceed it.

A ratio ends at 1. The HPA acts only when a metric is more than its tolerance (10 %) above the target, so a target from 0.91 up on a ratio
is never exceeded far enough.

## Why it matters

The autoscaler never adds a replica, at any load.

## How to mend it

Choose a target with room above it, say 0.6 to 0.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from headroom.catalog.engines.model import MetricType
from headroom.catalog.names import series
from headroom.catalog.signals import SIGNALS
from headroom.wiring.chain import asked, links
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error

_TOLERANCE = Decimal("0.1")


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        targets = [value for value in metric.target_values.values() if isinstance(value, Decimal)]
        for link in links(facts, autoscaler, metric):
            upper = _upper(link.series)
            if upper is not None and targets and targets[0] * (1 + _TOLERANCE) >= upper:
                yield error(
                    metric.place,
                    f"{name} never rises above {upper}, and a target of {targets[0].normalize():f} needs more than that to add a replica",
                    f"choose a target well below {upper}",
                )


def _upper(name: str) -> Decimal | None:
    """The largest value of a series, where it has one."""
    for signal in SIGNALS.values():
        if name in (series(signal.name, signal.unit, "pod"), series(signal.name, signal.unit, "server")):
            return None if signal.upper is None else Decimal(str(signal.upper))
    metric = known_metric(name)
    return Decimal(1) if metric and metric.unit == "ratio" and metric.type == MetricType.GAUGE else None
