"""A trigger's query gives several elements.

KEDA wants exactly one. A series as pods export it has one element per pod, and often one per model.

## Why it matters

With the second replica the trigger fails with "returned multiple elements", and the autoscaler is blind from then on.

## How to mend it

Aggregate: `sum(…)` for what adds up, numerator and denominator summed before they are divided for ratios. Or read a recorded series of
the whole server, its labels fixed by `=`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import askings
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.spread import spread


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in askings(facts):
        per = spread(facts, asking.tree)
        if per:
            yield error(
                asking.trigger.place,
                f"the query has one element per {per}, and KEDA fails on the second",
                "aggregate to one element, for example by sum(…)",
            )
