"""A trigger's query counts other servers' load too.

Several servers of one engine export series of the same names. A query that does not say whose series it wants takes all of them.

## Why it matters

Load on one server adds replicas to the other, which has nothing to do; and one that is idle hides in the mean that the other is full.

## How to mend it

Match on what only this server's series have: `namespace`, `pod=~"…-.*"`, `job`, `container`, or the model's name.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import askings, target_of
from headroom.wiring.facts import Facts, Workload
from headroom.wiring.finding import Verdict, warning
from headroom.wiring.scrape import Scrape, scrapes_of
from headroom.wiring.series import exporters, recordings


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in askings(facts):
        target = target_of(facts, asking.autoscaler)
        for use in promql.uses(asking.tree) if isinstance(target, Workload) else ():
            if use.name is None or use.name in recordings(facts) or target not in exporters(facts, use.name):
                continue
            stranger = next((other for other in exporters(facts, use.name) if other is not target and _takes(facts, use, other)), None)
            if stranger:
                yield warning(
                    asking.trigger.place,
                    f"the query takes {use.name} of {stranger.ref} too: its load scales {target.ref}",
                    "match on labels that only this server's series have",
                )
                break


def _takes(facts: Facts, use: promql.Use, workload: Workload) -> bool:
    """Whether the selector certainly takes the workload's series."""
    return any(scrape.certain and _accepts(use, scrape) for scrape in scrapes_of(facts, workload))


def _accepts(use: promql.Use, scrape: Scrape) -> bool:
    values = scrape.label_values
    matchers = [found for found in promql.matchers(use.selector) if found[0] != "__name__"]
    return all(label in values and promql.accepts(op, wanted, values[label]) is True for label, op, wanted in matchers)
