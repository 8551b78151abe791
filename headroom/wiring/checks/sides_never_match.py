"""The two sides of an operation have different labels, so no series of one meets a series of the other.

Without `on` or `ignoring` Prometheus pairs series whose labels are all equal. Where one side has a label that the other has lost, there
is no pair; nor is there where both are asked for with different values of a label by which they are paired.

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
from headroom.wiring.series import labels


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for node in promql.walk(query.tree):
            apart = _apart(facts, node)
            if apart:
                yield query.fault(
                    f"{query.subject} pairs {apart}: the result is empty", "aggregate both sides by the same labels, or say on (…)"
                )


def _apart(facts: Facts, node: promql.Node) -> str | None:
    """What keeps the sides from each other."""
    if not isinstance(node, ast.BinaryExpr) or str(node.op) == "or" or not promql.uses(node.lhs) or not promql.uses(node.rhs):
        return None
    left, right = labels(facts, node.lhs), labels(facts, node.rhs)
    matching = node.modifier and node.modifier.matching
    if matching and str(node.op) == "unless":
        return None
    paired = [label for label in sorted(left.certain | right.certain) if matching is None or _pairs(matching, label)]
    one_sided = next((label for label in paired if _on_one(left, right, label)), None)
    if one_sided:
        return f"series that have the label {one_sided} with series that have not"
    both_told = [label for label in paired if label in left.values and label in right.values and str(node.op) != "unless"]
    unequal = next((label for label in both_told if left.values[label] != right.values[label]), None)
    if unequal is None:
        return None
    return f"series with {unequal}={left.values[unequal]!r} and series with {unequal}={right.values[unequal]!r}"


def _pairs(matching: ast.LabelModifier, label: str) -> bool:
    return (label in matching.labels) == (matching.type == ast.LabelModifierType.Include)


def _on_one(left: LabelSet, right: LabelSet, label: str) -> bool:
    here, there = left.has(label), right.has(label)
    return isinstance(here, bool) and isinstance(there, bool) and here != there
