"""A trigger of KEDA takes missing data for 0.

Without `ignoreNullValues: "false"` a query that finds nothing has the value 0; so has one that ends in `or vector(0)`.

## Why it matters

Nothing is found when a scrape fails, a label is renamed or Prometheus has lost its data. KEDA then sees no demand at all and takes the
replicas away, in the middle of the load, down to the minimum. A `fallback` does not help: for KEDA nothing has failed.

## How to mend it

Set `ignoreNullValues: "false"` and drop `or vector(0)`. The trigger then fails, and the HorizontalPodAutoscaler holds its count. Where a
query has no result while there is no traffic, make it say 0 from series that are there: `sum(rate(…))` of counters that exist.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.chain import askings
from headroom.wiring.facts import Facts, Trigger
from headroom.wiring.finding import Verdict, cannot_tell, warning
from headroom.wiring.values import Unknown

_FIX = 'set ignoreNullValues: "false", so that the trigger fails and the replicas stay'


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        for trigger in autoscaler.triggers:
            if trigger.kind == "prometheus":
                yield from _judge(trigger)
    for asking in askings(facts):
        if any(_made_zero(node) for node in promql.walk(asking.tree)):
            yield warning(
                asking.trigger.place,
                "`or vector(0)` makes 0 of missing data, and the replicas go in the middle of the load",
                "drop it, so that the trigger fails and the replicas stay",
            )


def _judge(trigger: Trigger) -> Iterator[Verdict]:
    ignored = trigger.metadata.get("ignoreNullValues", "true")
    if isinstance(ignored, Unknown):
        yield cannot_tell(trigger.place, f"whether missing data counts as 0: {ignored.why}", _FIX)
    elif ignored.lower() not in ("false", "0", "f"):
        yield warning(trigger.place, "a query that finds nothing counts as 0, and the replicas go in the middle of the load", _FIX)


def _made_zero(node: promql.Node) -> bool:
    if not isinstance(node, ast.BinaryExpr) or str(node.op) != "or":
        return False
    last = promql.bare(node.rhs)
    return promql.function(last) == "vector" and promql.number(last.args[0]) == 0
