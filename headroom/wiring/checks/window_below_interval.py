"""A window over a series is shorter than the time between two of its samples, or cannot hold as many samples as are asked for.

A recorded series has a sample for each evaluation of its group (`interval`, else Prometheus' `evaluationInterval`), one of a pod for each
scrape. `last_over_time(…[1m])` of a series that is recorded every 10 minutes has a value for 1 minute of them;
`count_over_time(…[1m]) >= 5` of one that is scraped every 15 seconds is never true.

## Why it matters

For most of the time, or always, the result is empty: the autoscaler is blind, and sees a change long after it happened.

## How to mend it

Let the window hold several samples: a shorter `interval`, or a longer window.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.chain import Query, queries
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.intervals import between_samples
from headroom.wiring.selected import selector
from headroom.wiring.series import recordings
from headroom.wiring.values import Unknown, seconds

_NEED_TWO = promql.RATES | promql.DIFFERENCES
"""Judged by rate-window-short."""
_SLOWEST_DEFAULT = 60.0
"""Prometheus' own default interval of evaluations; the operator's is 30 s."""
_OF_ONE = (None, "max", "min", "avg")
"""What an aggregation may be that leaves the count of one series."""


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for use in promql.uses(query.tree) if query.steers else ():
            if use.window is not None and use.range_function not in _NEED_TWO:
                yield from _judge(facts, query, use, use.window)


def _judge(facts: Facts, query: Query, use: promql.Use, window: float) -> Iterator[Verdict]:
    wanted = selector(use.selector)
    found = between_samples(facts, wanted) if wanted else []
    told = [interval for interval in found if isinstance(interval, float)]
    hole = next((interval for interval in found if isinstance(interval, Unknown)), None)
    if hole is not None and wanted and wanted.name in recordings(facts) and window < _SLOWEST_DEFAULT:
        yield cannot_tell(
            query.place,
            f"whether {query.subject} sees a sample of {use.name} in {seconds(window)}: {hole.why}",
            "set the interval of the rule's group",
        )
    if hole is not None or not told:
        return
    shortest, wants = min(told), _wanted(use)
    if window < shortest:
        yield error(
            query.place,
            f"{query.subject} looks for {use.name} within {seconds(window)}, and it has a sample every {seconds(shortest)}",
            f"use a window of {seconds(4 * shortest)}, or an interval of {seconds(window / 4)}",
        )
    elif wants > window / shortest:
        yield error(
            query.place,
            f"{query.subject} wants {wants:g} samples of {use.name} within {seconds(window)}, and it has one every {seconds(shortest)}: "
            "that is never true",
            f"use a window of {seconds(wants * shortest)}, or want fewer",
        )


def _wanted(use: promql.Use) -> float:
    """How many samples a series must have for a comparison around its count; 0 where none is wanted."""
    counted = [node for node in use.around if not isinstance(node, ast.ParenExpr)][::-1]
    if use.range_function != "count_over_time":
        return 0
    for node in counted[1:]:
        if isinstance(node, ast.BinaryExpr):
            wanted = promql.number(node.rhs)
            return 0 if wanted is None else {">=": wanted, "==": wanted, ">": wanted + 1}.get(str(node.op), 0)
        if promql.function(node) not in _OF_ONE:
            return 0
    return 0
