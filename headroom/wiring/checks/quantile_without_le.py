"""A quantile is computed from buckets that have lost their `le`.

`histogram_quantile` finds the bounds of the buckets in the label `le`. An aggregation inside of it must keep that label.

## Why it matters

The result is empty, always, and nothing reports it. The autoscaler is blind; with KEDA's defaults it reads 0 and scales to the minimum.

## How to mend it

Keep `le` beside the labels of the result: `histogram_quantile(0.95, sum by (le, namespace) (rate(…_bucket[2m])))`.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.chain import queries
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict
from headroom.wiring.series import labels


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for node in promql.walk(query.tree):
            if isinstance(node, ast.Call) and node.func.name == "histogram_quantile" and _has_lost_le(facts, node.args[1]):
                yield query.fault(
                    f"{query.subject} takes a quantile of buckets without their label le: the result is empty",
                    "keep le in the aggregation: sum by (le, …)",
                )


def _has_lost_le(facts: Facts, buckets: promql.Node) -> bool:
    """A native histogram has no buckets as series, and needs no `le`."""
    named = [use.name for use in promql.uses(buckets)]
    if not named or not all(name and name.endswith("_bucket") for name in named):
        return False
    return labels(facts, buckets).has("le") is False
