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
from headroom.wiring.chain import Query, queries, target_of
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.scrape import scrapes_of
from headroom.wiring.selected import selector
from headroom.wiring.series import origins


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        if query.autoscaler:
            for use in promql.uses(query.tree):
                yield from _judge(facts, query, use)


def _judge(facts: Facts, query: Query, use: promql.Use) -> Iterator[Verdict]:
    wanted = selector(use.selector)
    found = origins(facts, wanted) if wanted else []
    by_origin = [[scrape for scrape in scrapes_of(facts, workload) if scrape.certain] for workload in found]
    # Whoever is to be scaled may be the one that has the labels.
    all_told = facts.closed or (query.autoscaler is not None and target_of(facts, query.autoscaler) in found)
    if wanted is None or not by_origin or not all(by_origin) or not all_told:
        return
    scrapes = [scrape for scraped in by_origin for scrape in scraped]
    for label, op, value in wanted.matchers:
        if all(scrape.refuses(label, op, value) for scrape in scrapes):
            yield error(
                query.place,
                f"{query.subject} asks for {label}{op}{value!r} of {use.name}; here {label} is {scrapes[0].label_values[label]!r}",
                "match on the labels of this server",
            )
