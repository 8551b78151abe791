"""The pods of an autoscaled server are scraped twice.

Two monitors, or two Services that one ServiceMonitor selects, lead to the same port of the same pods. Every series is then there twice,
with another `service`, `endpoint` or `job`.

## Why it matters

A `sum` counts every request twice: the autoscaler sees double the load and keeps about twice the replicas.

## How to mend it

Leave one path: a PodMonitor sees each pod once whatever Services there are. Or take `max by (namespace, pod)` before summing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from headroom.wiring import promql
from headroom.wiring.chain import queries, scraped_for
from headroom.wiring.facts import Facts, Port
from headroom.wiring.finding import Verdict, warning
from headroom.wiring.scrape import Scrape, scrapes_of
from headroom.wiring.series import recordings


def check(facts: Facts) -> Iterator[Verdict]:
    read = [use for query in queries(facts) if query.steers for use in promql.uses(query.tree) if use.name not in recordings(facts)]
    if not any(_adds_up(use) for use in read):
        return
    for workload in scraped_for(facts):
        certain = [scrape for scrape in scrapes_of(facts, workload) if scrape.certain]
        for first, second in combinations(certain, 2):
            if _address(first) == _address(second):
                yield warning(
                    second.endpoint.place,
                    f"the pods of {workload.ref} are scraped by {_path(first)} and by {_path(second)} on the same port: sums are doubled",
                    "remove one of the two, or select only one of the Services",
                )
                return


def _adds_up(use: promql.Use) -> bool:
    """Whether a series is summed as it is. In a quotient both sides are doubled."""
    divided = any(use.selector.prettify() in division.prettify() for node in use.around[:1] for division in promql.divisions(node))
    aggregations = [name for name in use.functions if name in ("sum", "avg", "max", "min")]
    return not divided and aggregations[-1:] == ["sum"]


def _address(scrape: Scrape) -> tuple[object, object]:
    return (scrape.port.number if isinstance(scrape.port, Port) else None, scrape.endpoint.path)


def _path(scrape: Scrape) -> str:
    return str(scrape.monitor.ref) + (f" through {scrape.service.ref}" if scrape.service else "")
