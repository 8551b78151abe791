"""A trigger's metricType does not fit what its query measures.

`AverageValue`, KEDA's default, divides the value by the number of replicas: right for what adds up, such as requests that wait.
`Value` compares the value as it is: right for a ratio, a mean or a percentile. A sum that is divided by what one replica takes adds up all
the same.

## Why it matters

A latency divided by the replicas is 100 ms for ten replicas that are all at one second: the more replicas, the less it asks for. A sum
that is not divided asks for current × value / target: twice as many replicas see the same sum and ask for twice as many again, up to
the maximum.

## How to mend it

`metricType: AverageValue` for sums, `metricType: Value` for everything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.addition import adds_up
from headroom.wiring.chain import askings
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in (asking for asking in askings(facts) if not asking.autoscaler.composed):
        adds, kind = adds_up(facts, asking.tree), asking.trigger.metric_type
        if adds is True and kind == "Value":
            yield error(
                asking.trigger.place,
                "the query adds up over replicas and is compared undivided: more replicas ask for more replicas, up to the maximum",
                "set metricType: AverageValue",
            )
        if adds is False and kind == "AverageValue":
            yield error(
                asking.trigger.place,
                "the query is a ratio, a mean or a percentile and is divided by the replicas: the more there are, the less it asks for",
                "set metricType: Value",
            )
