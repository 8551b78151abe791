"""A monitor drops a series that the autoscaler needs.

`relabelings` decide about every target, `metricRelabelings` about every series of its scrapes. A `keep` drops all that it does not name,
and a rule that writes `__name__` renames.

## Why it matters

The pod exports the series, and Prometheus does not have it. The autoscaler is blind.

## How to mend it

Name the series in the `keep`, or take it out of the `drop`. The pattern must match the whole value.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import queries
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import Facts, Workload
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.relabeling import Relabeling, Relabelled
from headroom.wiring.scrape import Scrape, scrapes_of
from headroom.wiring.selected import selector
from headroom.wiring.series import exporters_of
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    steering = [query for query in queries(facts) if query.steers]
    read = dict.fromkeys(wanted for query in steering for use in promql.uses(query.tree) if (wanted := selector(use.selector)))
    judged = dict.fromkeys((workload, wanted.name) for wanted in read for workload in exporters_of(facts, wanted))
    for workload, name in judged:
        yield from _judge(facts, workload, name)


def _judge(facts: Facts, workload: Workload, name: str) -> Iterator[Verdict]:
    left = [(scrape, _left(scrape, name)) for scrape in scrapes_of(facts, workload)]
    doubted = [(scrape, found) for scrape, found in left if found.kept is not True]
    if not doubted or len(doubted) < len(left):
        return
    scrape, found = next(((scrape, found) for scrape, found in doubted if isinstance(found.kept, Unknown)), doubted[0])
    place = found.by.place if found.by else scrape.endpoint.place
    if isinstance(found.kept, Unknown):
        yield cannot_tell(
            place,
            f"whether {scrape.monitor.ref} lets {name} of {workload.ref} through: {found.kept.why}",
            "relabel by what the manifests tell, such as the pods' labels",
        )
    else:
        yield error(place, f"{scrape.monitor.ref} {_does(found.by)}, and {name} is needed", f"let {name} through")


def _left(scrape: Scrape, name: str) -> Relabelled:
    metric, hole = known_metric(name), Unknown("what a label of the engine's holds is known at run time")
    return scrape.series({**dict.fromkeys(metric.labels if metric else (), hole), "__name__": name})


def _does(rule: Relabeling | None) -> str:
    if rule is None:
        return "drops its targets"
    what = f"{rule.regex} of {', '.join(map(str, rule.sources)) or 'its labels'}"
    return {"keep": f"keeps only {what}", "drop": f"drops {what}"}.get(str(rule.action), f"renames it ({rule.action} {what})")
