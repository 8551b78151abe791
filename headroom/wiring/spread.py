"""Whether a query gives one element, or one for each of what a server has several of."""

from __future__ import annotations

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.facts import Facts
from headroom.wiring.series import labels

_SPREADS = ("pod", "model_name", "model", "gpu", "UUID", "gpu_uuid", "instance", "container", "endpoint")
"""Labels that tell apart what one server has several of, the plainest first."""


def spread(facts: Facts, tree: promql.Node) -> str | None:
    """A label that tells elements of the result apart and that no selector fixes."""
    found = labels(facts, tree)
    fixed = [{label for label, op, value in promql.matchers(use.selector) if op == "=" and value} for use in promql.uses(tree)]
    pinned = frozenset.intersection(*map(frozenset, fixed)) if fixed else frozenset()
    if _one_of_many(tree):
        return None
    grouped = {label for label in _grouped(tree) if found.has(label) is not False}
    return next((label for label in _SPREADS if label in (found.certain | grouped) - pinned), None)


def _grouped(tree: promql.Node) -> set[str]:
    """The labels by which the outermost aggregation groups: whoever writes them there knows that the series has them."""
    node = promql.bare(tree)
    if isinstance(node, ast.BinaryExpr):
        return _grouped(node.lhs) | _grouped(node.rhs)
    if not isinstance(node, ast.AggregateExpr) or not node.modifier or node.modifier.type != ast.AggModifierType.By:
        return set()
    return set(node.modifier.labels)


def _one_of_many(tree: promql.Node) -> bool:
    node = promql.bare(tree)
    return isinstance(node, ast.AggregateExpr) and str(node.op) in ("topk", "bottomk") and promql.number(node.param) == 1
