"""A counter is used as it is, without `rate`.

A counter only grows until its process restarts. Its value is everything that ever happened, not what happens now.

## Why it matters

An autoscaler that holds a growing number at a target scales up to the maximum and never down again. A restart sets the counter back to 0
and drops the replicas in the middle of the load. Dividing one raw counter by another gives the mean since the start, which reacts ever
more slowly.

## How to mend it

Take `rate(counter[window])` first, then aggregate: `sum by (namespace, pod) (rate(…[1m]))`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.engines.model import MetricType
from headroom.wiring import promql
from headroom.wiring.chain import queries
from headroom.wiring.engines import metric_type
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.series import recordings

_SEES_RESETS = promql.RATES | promql.DIFFERENCES


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        if not query.steers:
            continue
        uses = promql.uses(query.tree)
        names = frozenset(use.name for use in uses if use.name)
        for use in uses:
            if _is_raw(use, names) and use.name not in recordings(facts):
                yield error(
                    query.place,
                    f"{query.subject} uses the counter {use.name} without rate(): it only grows, so replicas only rise",
                    f"use rate({use.name}[…]) before any aggregation",
                )


def _is_raw(use: promql.Use, names: frozenset[str]) -> bool:
    is_counter = use.name is not None and (metric_type(use.name) == MetricType.COUNTER or _is_half_of_a_mean(use.name, names))
    return is_counter and not use.only_counted and not _SEES_RESETS & set(use.functions)


def _is_half_of_a_mean(name: str, names: frozenset[str]) -> bool:
    """`_sum` and `_count` of one stem in one expression are those of a histogram or a summary, and both count."""
    stem, _, part = name.rpartition("_")
    return part in ("sum", "count") and {f"{stem}_sum", f"{stem}_count"} <= names
