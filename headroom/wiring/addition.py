"""Whether a value adds up over replicas: how it grows with the replicas that share the same load each.

A sum or a count of pods grows with their number: its degree is 1. A maximum, a mean or a percentile of them does not: 0. A product has
the degrees of both sides, a quotient that of the one side less that of the other: the sum of what waits by the most that a replica takes
is 1, a sum by a sum is 0. What adds up is to be divided by the replicas, what does not is to be compared as it is.
"""

from __future__ import annotations

import promql_parser as ast

from headroom.catalog.names import series
from headroom.catalog.signals import SIGNALS, AcrossPods
from headroom.wiring import promql
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import Facts
from headroom.wiring.selected import Selected, selector
from headroom.wiring.series import made_by, tree_of

_KEEPS_KIND = frozenset(
    {"rate", "irate", "increase", "last_over_time", "avg_over_time", "max_over_time", "min_over_time", "quantile_over_time"}
    | {"clamp", "clamp_min", "clamp_max", "round", "ceil", "floor", "sort", "sort_desc", "label_replace", "label_join"}
)
_FILTERS = promql.COMPARISONS | {"and", "or", "unless"}
_SUMS = ("sum", "count")
_OF_A_POD = ("pod", "instance")
_PICKS = ("max", "min", "avg", "quantile")
_OF_SIGNALS = {series(s.name, s.unit, "server"): int(s.across_pods is AcrossPods.SUM) for s in SIGNALS.values()}


def adds_up(facts: Facts, tree: promql.Node) -> bool | None:
    """Whether the value grows with the demand alone (True) or is one replica's as much as all of theirs (False); None where it is open."""
    found = _degree(facts, tree, frozenset())
    return {1: True, 0: False}.get(found) if found is not None else None


def is_told(facts: Facts, wanted: Selected) -> bool:
    """Whether it is known how a series is made: what pods export, or what a rule makes of it."""
    return known_metric(wanted.name) is not None or _of_series(facts, wanted, frozenset()) is not None


def _degree(facts: Facts, tree: promql.Node, above: frozenset[str]) -> int | None:
    node = promql.bare(tree)
    if isinstance(node, ast.BinaryExpr):
        return _of_operation(facts, node, above)
    if isinstance(node, ast.AggregateExpr):
        return _aggregated(facts, node, above)
    if isinstance(node, ast.MatrixSelector):
        return _degree(facts, node.vector_selector, above)
    if isinstance(node, ast.Call):
        name = node.func.name
        of = node.args[1 if name == "quantile_over_time" else 0] if name in _KEEPS_KIND else None
        return 0 if name == "histogram_quantile" else None if of is None else _degree(facts, of, above)
    wanted = selector(node) if isinstance(node, ast.VectorSelector) else None
    return _of_series(facts, wanted, above) if wanted else None


def _of_operation(facts: Facts, node: promql.Node, above: frozenset[str]) -> int | None:
    operator = str(node.op)
    vectors = [side for side in (node.lhs, node.rhs) if promql.uses(side)]
    if operator in _FILTERS or len(vectors) < 2:
        return _degree(facts, vectors[0], above) if vectors and (operator != "/" or promql.uses(node.lhs)) else None
    left, right = (_degree(facts, side, above) for side in vectors)
    if left is None or right is None:
        return None
    if operator in ("+", "-"):
        return left if left == right else None
    return {"*": left + right, "/": left - right}.get(operator)


def _aggregated(facts: Facts, node: promql.Node, above: frozenset[str]) -> int | None:
    operator, inner = str(node.op), _degree(facts, node.expr, above)
    if operator in _SUMS:
        if _is_per_pod(node):
            return None
        return 1 if inner == 1 or (inner is None and not promql.divisions(node.expr)) else None
    if operator not in _PICKS:
        return None
    # Of a series that is the whole server's already, any of them picks its one element.
    of_pods = any(use.name and known_metric(use.name) for use in promql.uses(node.expr))
    return 0 if inner is None and (of_pods or operator == "quantile") else inner


def _is_per_pod(node: ast.AggregateExpr) -> bool:
    """Whether each pod keeps a result of its own: a sum over the series of one pod does not grow with the pods."""
    modifier = node.modifier
    return modifier is not None and any((label in modifier.labels) == (modifier.type == ast.AggModifierType.By) for label in _OF_A_POD)


def _of_series(facts: Facts, wanted: Selected, above: frozenset[str]) -> int | None:
    if wanted.name in above:
        return None
    if wanted.name in _OF_SIGNALS:
        return _OF_SIGNALS[wanted.name]
    trees = [tree_of(rule) for rule in made_by(facts, wanted)]
    degrees = {None if tree is None else _degree(facts, tree, above | {wanted.name}) for tree in trees}
    return degrees.pop() if len(degrees) == 1 else None
