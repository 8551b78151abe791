"""The two sides of an operation have different labels, so no series of one meets a series of the other.

Without `on` or `ignoring` Prometheus pairs series whose labels are all equal. Where one side has a label that the other has lost, there
is no pair.

## Why it matters

The expression is valid and its result is empty, always. The autoscaler reads `<unknown>` and does nothing.

## How to mend it

Aggregate both sides by the same labels, or name the labels to match by: `… / on (namespace, pod) …`, with `group_left` where one side has
several series for one of the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.chain import queries
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict
from headroom.wiring.labels import LabelSet
from headroom.wiring.series import labels_of


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for node in promql.walk(query.tree):
            label = _only_on_one_side(facts, node)
            if label:
                yield query.fault(
                    f"{query.subject} pairs series that have the label {label} with series that have not: the result is empty",
                    "aggregate both sides by the same labels, or say on (…)",
                )


def _only_on_one_side(facts: Facts, node: promql.Node) -> str | None:
    if not isinstance(node, ast.BinaryExpr) or str(node.op) == "or" or (node.modifier and node.modifier.matching):
        return None
    if not promql.uses(node.lhs) or not promql.uses(node.rhs):
        return None
    left, right = _labels(facts, node.lhs), _labels(facts, node.rhs)
    return next((label for label in sorted(left.certain | right.certain) if _apart(left, right, label)), None)


def _apart(left: LabelSet, right: LabelSet, label: str) -> bool:
    here, there = left.has(label), right.has(label)
    return isinstance(here, bool) and isinstance(there, bool) and here != there


def _labels(facts: Facts, node: promql.Node) -> LabelSet:
    return promql.labels(node, lambda selector: labels_of(facts, promql.series_name(selector) or ""))
