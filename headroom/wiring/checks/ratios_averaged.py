"""Ratios of single models are averaged without their weights.

Engines count per model. A quotient of two such counters is one ratio per model, and its plain mean counts an idle model as much as a busy
one.

## Why it matters

With five loaded models of which one has all the load, the mean shows a fifth of the true wait. Triton even exports a twin series per GPU
model that is always 0. The autoscaler sees too little and scales late or never.

## How to mend it

Sum first, then divide: `sum by (namespace, pod) (rate(a[1m])) / clamp_min(sum by (namespace, pod) (rate(b[1m])), 0.001)`.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.chain import queries
from headroom.wiring.engines import split_label
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for node in promql.walk(query.tree):
            names = _averaged(node)
            if names:
                yield query.fault(
                    f"{query.subject} averages the ratio of {' to '.join(names)} over models without weights: idle models dilute it",
                    "sum numerator and denominator by namespace and pod, then divide",
                )


def _averaged(node: promql.Node) -> list[str]:
    """The two sides of a ratio whose plain mean is taken over several series of one pod."""
    if not isinstance(node, ast.AggregateExpr) or str(node.op) != "avg":
        return []
    grouped = set(node.modifier.labels) if node.modifier and node.modifier.type == ast.AggModifierType.By else set()
    for division in promql.divisions(node.expr):
        sides = [promql.uses(division.lhs), promql.uses(division.rhs)]
        if all(_several_series(use, grouped) for side in sides for use in side):
            return [str(side[0].name) for side in sides]
    return []


def _several_series(use: promql.Use, grouped: set[str]) -> bool:
    split = split_label(use.name) if use.name else None
    aggregated = any(name in ("sum", "avg", "max", "min") for name in use.functions)
    return split is not None and not aggregated and split not in grouped and not use.pins(split)
