"""A trigger's metricType does not fit what its query measures.

`AverageValue`, KEDA's default, divides the value by the number of replicas: right for what adds up, such as requests that wait.
`Value` compares the value as it is: right for a ratio, a mean or a percentile.

## Why it matters

A latency divided by the replicas is 100 ms for ten replicas that are all at one second: the more replicas, the less it asks for. A sum
that is not divided asks for current × value / target: twice as many replicas see the same sum and ask for twice as many again, up to
the maximum.

## How to mend it

`metricType: AverageValue` for sums, `metricType: Value` for everything else.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.catalog.names import series
from headroom.catalog.signals import SIGNALS, AcrossPods
from headroom.wiring import promql
from headroom.wiring.chain import askings
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.series import recordings, tree_of

_KEEPS_KIND = frozenset({"last_over_time", "avg_over_time", "max_over_time", "min_over_time", "clamp_min", "clamp_max", "round", "ceil"})
_PICKS = frozenset({"max", "min", "avg"})
_OF_SIGNALS = {series(s.name, s.unit, "server"): s.across_pods is AcrossPods.SUM for s in SIGNALS.values()}


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in (asking for asking in askings(facts) if not asking.autoscaler.composed):
        adds_up, kind = _adds_up(facts, asking.tree), asking.trigger.metric_type
        if adds_up is True and kind == "Value":
            yield error(
                asking.trigger.place,
                "the query adds up over replicas and is compared undivided: more replicas ask for more replicas, up to the maximum",
                "set metricType: AverageValue",
            )
        if adds_up is False and kind == "AverageValue":
            yield error(
                asking.trigger.place,
                "the query is a ratio, a mean or a percentile and is divided by the replicas: the more there are, the less it asks for",
                "set metricType: Value",
            )


def _adds_up(facts: Facts, tree: promql.Node, above: frozenset[str] = frozenset()) -> bool | None:
    """Whether the value grows with the demand alone (True) or is one replica's as much as all of theirs (False); None where it is open."""
    node = promql.bare(tree)
    name = promql.function(node)
    if name == "histogram_quantile" or (isinstance(node, ast.BinaryExpr) and str(node.op) == "/" and promql.divisions(node)[:1] == [node]):
        return False
    if isinstance(node, ast.BinaryExpr):
        return _adds_up(facts, node.lhs if promql.uses(node.lhs) else node.rhs, above)
    if isinstance(node, ast.AggregateExpr):
        return _aggregated(facts, node, str(node.op), above)
    if isinstance(node, ast.Call) and name in _KEEPS_KIND:
        return _adds_up(facts, node.args[0], above)
    if isinstance(node, ast.MatrixSelector):
        return _adds_up(facts, node.vector_selector, above)
    return _recorded(facts, promql.series_name(node), above) if isinstance(node, ast.VectorSelector) else None


def _aggregated(facts: Facts, node: promql.Node, operator: str, above: frozenset[str]) -> bool | None:
    inner = _adds_up(facts, node.expr, above)
    if operator in ("sum", "count"):
        return None if inner is False else True
    if operator in _PICKS:
        # Of a series that is the whole server's already, any of them picks its one element.
        of_pods = any(use.name and known_metric(use.name) for use in promql.uses(node.expr))
        return False if inner is None and of_pods else inner
    return False if operator == "quantile" else None


def _recorded(facts: Facts, name: str | None, above: frozenset[str]) -> bool | None:
    if name is None or name in above:
        return None
    if name in _OF_SIGNALS:
        return _OF_SIGNALS[name]
    trees = [tree for rule in recordings(facts).get(name, ()) if (tree := tree_of(rule)) is not None]
    return _adds_up(facts, trees[0], above | {name}) if len(trees) == 1 else None
