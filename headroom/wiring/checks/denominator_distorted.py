"""A ratio's denominator is changed so much that the ratio is wrong at low traffic.

To keep an idle server from dividing by zero, `1 + n` or `clamp_min(rate, 1)` are common. Both change the ratio while there is traffic:
two requests divide by three; an LLM at 0.05 requests per second divides by 1.

## Why it matters

The mean comes out too small by exactly the factor by which the traffic is small: an LLM that answers one request in 20 s shows a
twentieth of its queue time and is never scaled.

## How to mend it

Clamp at something far below any real rate: `clamp_min(sum by (namespace, pod) (rate(n[1m])), 0.001)`.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.chain import queries
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, warning

_TIME_UNITS = ("microseconds", "milliseconds", "seconds", "nanoseconds")
_LOW = 0.1
"""Events per second that a busy model server may well stay below."""


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for division in promql.divisions(query.tree):
            distortion = _distortion(promql.bare(division.rhs))
            if distortion:
                yield warning(query.place, f"{query.subject} divides by {distortion}: too small a result at low traffic", "clamp at 0.001")


def _distortion(node: promql.Node) -> str | None:
    if isinstance(node, ast.BinaryExpr) and str(node.op) == "+":
        added = next((number for side in (node.lhs, node.rhs) if (number := promql.number(side))), None)
        return f"{node.prettify()}, which is {added:g} too much" if added is not None and added >= _LOW else None
    if isinstance(node, ast.Call) and node.func.name == "clamp_min":
        floor = promql.number(node.args[1])
        used = promql.uses(node.args[0])
        if floor is not None and floor >= _LOW and used and all(_counts_events_per_second(use) for use in used):
            return f"a rate that is taken for {floor:g} per second wherever it is smaller"
    return None


def _counts_events_per_second(use: promql.Use) -> bool:
    metric = known_metric(use.name) if use.name else None
    return metric is not None and metric.unit not in _TIME_UNITS and use.range_function in ("rate", "irate")
