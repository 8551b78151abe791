"""A trigger's query gives several elements.

KEDA wants exactly one. A series as pods export it has one element per pod, and often one per model.

## Why it matters

With the second replica the trigger fails with "returned multiple elements", and the autoscaler is blind from then on.

## How to mend it

Aggregate: `sum(…)` for what adds up, numerator and denominator summed before they are divided for ratios. Or read a recorded series of
the whole server, its labels fixed by `=`.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.chain import askings
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.series import labels_of

_SPREADS = frozenset({"pod", "instance", "container", "endpoint", "gpu_uuid", "model", "model_name"})
"""Labels that tell apart what one server has several of."""


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in askings(facts):
        spread = _spread(facts, asking.tree)
        if spread:
            yield error(
                asking.trigger.place,
                f"the query has one element per {spread}, and KEDA fails on the second",
                "aggregate to one element, for example by sum(…)",
            )


def _spread(facts: Facts, tree: promql.Node) -> str | None:
    """A label that tells elements of the result apart and that no selector fixes."""
    labels = promql.labels(tree, lambda selector: labels_of(facts, promql.series_name(selector) or ""))
    fixed = [{label for label, op, value in promql.matchers(use.selector) if op == "=" and value} for use in promql.uses(tree)]
    pinned = frozenset.intersection(*map(frozenset, fixed)) if fixed else frozenset()
    if _one_of_many(tree):
        return None
    return next((label for label in sorted(labels.certain & _SPREADS - pinned)), None)


def _one_of_many(tree: promql.Node) -> bool:
    node = promql.bare(tree)
    return isinstance(node, ast.AggregateExpr) and str(node.op) in ("topk", "bottomk") and promql.number(node.param) == 1
