"""The largest value that an expression can have, where it has one."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite

import promql_parser as ast

from headroom.catalog.engines.model import MetricType
from headroom.catalog.names import series
from headroom.catalog.signals import SIGNALS
from headroom.wiring import promql
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import Facts
from headroom.wiring.series import recordings, tree_of

_PICKS = frozenset({"avg", "max", "min", "quantile", "topk", "bottomk"})
_KEEPS = frozenset({"avg_over_time", "max_over_time", "min_over_time", "last_over_time", "label_replace", "label_join", "scalar", "vector"})
_OF_SIGNALS = {series(s.name, s.unit, level): s.upper for s in SIGNALS.values() for level in ("pod", "server")}
_OF_UNITS = {"ratio": Decimal(1), "percent": Decimal(100)}


def upper(facts: Facts, tree: promql.Node, above: frozenset[str] = frozenset()) -> Decimal | None:
    """The bound of an expression's values. `above` holds the recorded series being followed."""
    node = promql.bare(tree)
    if isinstance(node, ast.NumberLiteral):
        return Decimal(str(node.val)) if isfinite(node.val) else None
    if isinstance(node, ast.VectorSelector):
        return upper_of_series(facts, promql.series_name(node) or "", above)
    if isinstance(node, ast.MatrixSelector):
        return upper(facts, node.vector_selector, above)
    if isinstance(node, ast.AggregateExpr):
        return upper(facts, node.expr, above) if str(node.op) in _PICKS else None
    if isinstance(node, ast.Call):
        return _of_call(facts, node, above)
    return _of_operation(facts, node, above) if isinstance(node, ast.BinaryExpr) else None


def upper_of_series(facts: Facts, name: str, above: frozenset[str] = frozenset()) -> Decimal | None:
    if name in _OF_SIGNALS:
        bound = _OF_SIGNALS[name]
        return None if bound is None else Decimal(str(bound))
    rules = recordings(facts).get(name, ())
    if rules and name not in above:
        trees = [tree_of(rule) for rule in rules]
        return _largest([None if tree is None else upper(facts, tree, above | {name}) for tree in trees])
    metric = known_metric(name)
    return _OF_UNITS.get(metric.unit) if metric and metric.type == MetricType.GAUGE else None


def _of_call(facts: Facts, node: promql.Node, above: frozenset[str]) -> Decimal | None:
    name = node.func.name
    if name in ("clamp_max", "clamp"):
        limit = _finite(node.args[-1])
        bounds = [upper(facts, node.args[0], above), None if limit is None else Decimal(str(limit))]
        return min((bound for bound in bounds if bound is not None), default=None)
    return upper(facts, node.args[0], above) if name in _KEEPS else None


def _of_operation(facts: Facts, node: promql.Node, above: frozenset[str]) -> Decimal | None:
    operator = str(node.op)
    if operator in promql.COMPARISONS or operator in ("and", "unless"):
        return upper(facts, node.lhs, above)
    if operator == "or":
        return _largest([upper(facts, node.lhs, above), upper(facts, node.rhs, above)])
    if operator == "/" and promql.function(promql.bare(node.lhs)) == "sum" and promql.function(promql.bare(node.rhs)) == "count":
        return upper(facts, promql.bare(node.lhs).expr, above)
    return _scaled(facts, node, above) if operator in ("*", "/") else None


def _scaled(facts: Facts, node: promql.Node, above: frozenset[str]) -> Decimal | None:
    """A vector times or divided by a number above 0."""
    factor, vector = _finite(node.rhs), node.lhs
    if factor is None and str(node.op) == "*":
        factor, vector = _finite(node.lhs), node.rhs
    bound = upper(facts, vector, above) if factor and factor > 0 else None
    if bound is None or factor is None:
        return None
    return bound * Decimal(str(factor)) if str(node.op) == "*" else bound / Decimal(str(factor))


def _finite(node: promql.Node) -> float | None:
    number = promql.number(node)
    return number if number is not None and isfinite(number) else None


def _largest(bounds: list[Decimal | None]) -> Decimal | None:
    return None if None in bounds else max((bound for bound in bounds if bound is not None), default=None)
