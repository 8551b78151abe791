"""A monitor drops a series that the autoscaler needs.

`metricRelabelings` that keep or drop by `__name__` decide about every series of the scrape. A `keep` drops all that it does not name.

## Why it matters

The pod exports the series, the target is up, and Prometheus does not have it. The autoscaler is blind.

## How to mend it

Name the series in the `keep`, or take it out of the `drop`. The pattern must match the whole name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import queries
from headroom.wiring.facts import Endpoint, Facts, NameFilter
from headroom.wiring.finding import Verdict, error
from headroom.wiring.series import scrapes_of_series


def check(facts: Facts) -> Iterator[Verdict]:
    steering = [query for query in queries(facts) if query.steers]
    for name in sorted({use.name for query in steering for use in promql.uses(query.tree) if use.name}):
        scrapes = scrapes_of_series(facts, name)
        dropped = [(scrape, dropper) for scrape in scrapes if (dropper := _dropper(scrape.endpoint, name))]
        if dropped and len(dropped) == len(scrapes):
            scrape, dropper = dropped[0]
            verb = "keeps only" if dropper.keeps else "drops"
            yield error(dropper.place, f"{scrape.monitor.ref} {verb} {dropper.pattern}, and {name} is needed", f"let {name} through")


def _dropper(endpoint: Endpoint, name: str) -> NameFilter | None:
    """The filter that drops the series, if one certainly does."""
    for found in endpoint.name_filters:
        try:
            matches = re.fullmatch(found.pattern, name) is not None
        except re.error:
            return None
        if matches != found.keeps:
            return found
    return None
