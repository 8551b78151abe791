"""An expression asks for series of another namespace, container or job than the server's.

The labels of a scraped series are known from the manifests: `namespace`, `container`, `pod` (it begins with the workload's name), and
`job`, which is the Service's name for a ServiceMonitor and `namespace/name` for a PodMonitor.

## Why it matters

The expression is right for the server it was copied from. For this one it selects nothing, and the autoscaler is blind; or it selects
the other server's series, and this one follows a stranger's load.

## How to mend it

Match on this server's labels, or on none: a rule by `namespace` and `pod` serves every server.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import Query, queries
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.series import scrapes_of_series


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        if query.autoscaler:
            for use in promql.uses(query.tree):
                yield from _judge(facts, query, use)


def _judge(facts: Facts, query: Query, use: promql.Use) -> Iterator[Verdict]:
    scrapes = [scrape for scrape in (scrapes_of_series(facts, use.name) if use.name else []) if scrape.certain]
    for label, op, wanted in promql.matchers(use.selector):
        have = [scrape.label_values.get(label) for scrape in scrapes]
        if have and all(value is not None and promql.accepts(op, wanted, value) is False for value in have):
            yield error(
                query.place,
                f"{query.subject} asks for {label}{op}{wanted!r} of {use.name}; here {label} is {have[0]!r}",
                "match on the labels of this server",
            )
