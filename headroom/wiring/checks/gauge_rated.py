"""A gauge is read with a function for counters.

`rate`, `irate` and `increase` take every fall for a restart from 0. A gauge falls whenever there is less of what it measures.

## Why it matters

A queue that goes from 10 to 2 and back counts as growth. The result is a number that looks plausible and means nothing, and replicas
follow it.

## How to mend it

Use the gauge as it is, or smooth it with `avg_over_time(gauge[1m])`. For a trend use `deriv`.
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
            if use.name and use.range_function in promql.RATES and metric_type(use.name) == MetricType.GAUGE:
                yield query.fault(
                    f"{query.subject} takes {use.range_function}() of the gauge {use.name}: every fall counts as a restart",
                    "use the gauge itself or avg_over_time()",
                )
