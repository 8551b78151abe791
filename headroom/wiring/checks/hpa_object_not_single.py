"""The adapter's query for an Object metric gives several elements for the one object.

The HPA asks for one number of one object. prometheus-adapter sends the rule's query, files the elements of the answer under the name of
the object that each belongs to, and a later one takes the place of an earlier (kubernetes-sigs/prometheus-adapter pkg/custom-provider,
`MatchValuesToNames`).

## Why it matters

What the HPA reads is the number of one pod, and not always of the same: with one replica it looks right, with more of them the server is
scaled by whichever pod came last.

## How to mend it

Aggregate by what the adapter groups by: `sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)`. Of a ratio or a mean, aggregate numerator
and denominator each. A number that is each pod's own is a Pods metric.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import Link, asked, links
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.spread import spread


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        for link in links(facts, autoscaler, metric):
            per = spread(facts, link.tree) if metric.kind == "Object" and link.group_by and link.tree else None
            if per and per != link.group_by:
                yield error(
                    link.rule.place,
                    f"the adapter's query for {name} has one element per {per}, and the HPA gets one of them for the whole {_object(link)}",
                    "aggregate by (<<.GroupBy>>) in the rule's metricsQuery",
                )


def _object(link: Link) -> str:
    kind = link.metric.described[0] if link.metric.described else None
    return kind if isinstance(kind, str) else "object"
