"""A counter is read with a function for gauges.

`delta`, `idelta`, `deriv` and `predict_linear` take the difference of values as they are. `rate` and `increase` know that a counter starts
at 0 again when its process restarts.

## Why it matters

At a restart the difference is a large negative number. The autoscaler takes it for no load and removes replicas, at the moment when one
has just been lost.

## How to mend it

Use `rate` (per second) or `increase` (per window).
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.engines.model import MetricType
from headroom.wiring import promql
from headroom.wiring.chain import queries
from headroom.wiring.engines import metric_type
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for use in promql.uses(query.tree):
            if use.name and use.range_function in promql.DIFFERENCES and metric_type(use.name) == MetricType.COUNTER:
                yield query.fault(
                    f"{query.subject} takes {use.range_function}() of the counter {use.name}: a restart gives a large negative value",
                    f"use {'increase' if use.range_function in ('delta', 'idelta') else 'rate'}()",
                )
