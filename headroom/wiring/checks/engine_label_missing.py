"""An expression asks for a label that the engine's series do not have, or those that Prometheus makes of its pods, such as `up`.

Engines name the same thing differently: Triton's series carry `model`, others carry `model_name`. Labels that a monitor adds (by
relabeling, `podTargetLabels`, `targetLabels`) count as there.

## Why it matters

A matcher on a label that is not there selects nothing: the result is empty, and the autoscaler is blind or, with KEDA's defaults, reads 0
and scales to the minimum.

## How to mend it

Match on the label that the series carry, or let the monitor add it.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.engines.model import Metric
from headroom.wiring import promql
from headroom.wiring.chain import Query, queries
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell
from headroom.wiring.selected import selector
from headroom.wiring.series import OF_TARGETS, labels_of

_TAG = "_"
"""Labels that an operator of Triton adds to a model's series begin with it."""


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for use in promql.uses(query.tree):
            yield from _judge(facts, query, use)


def _judge(facts: Facts, query: Query, use: promql.Use) -> Iterator[Verdict]:
    metric = known_metric(use.name) if use.name else None
    if metric is None and use.name not in OF_TARGETS:
        return
    have = labels_of(facts, selector(use.selector))
    for label, op, value in promql.matchers(use.selector):
        demands = label != "__name__" and promql.accepts(op, value, "") is False
        if not demands or have.has(label) is not False or label.startswith(_TAG):
            continue
        if not facts.closed and not (metric and _is_kin(label, metric)):
            yield cannot_tell(
                query.place,
                f"whether {use.name} has the label {label}: neither the engine nor the monitor in the files adds it",
                "let the monitor add it, or verify what adds it together with this object",
            )
        else:
            yield query.fault(
                f"{query.subject} asks for {label}{op}{value!r} on {use.name}, whose series have no such label",
                f"match on one of {', '.join(sorted(have.certain))}",
            )


def _is_kin(label: str, metric: Metric) -> bool:
    """Whether the label is another spelling of one that the engine has: `model_name` for `model`."""
    return any(label in own or own in label for own in metric.labels)
