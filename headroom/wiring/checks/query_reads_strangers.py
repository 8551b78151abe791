"""A trigger's query, or the HPA's metric, counts other servers' load too, or theirs alone.

Several servers of one engine export series of the same names, and recorded series have the same names for all servers. A query that does
not say whose series it wants takes all of them; one that says another server's takes only those.

## Why it matters

Load on one server adds replicas to the other, which has nothing to do; and one that is idle hides in the mean that the other is full.

## How to mend it

Match on what only this server's series have: `namespace`, `pod=~"…-.*"`, `job`, `container`, the model's name, or the label that tells
recorded series apart. Let an Object metric describe this server's own Service.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import Link, asked, askings, links, target_of
from headroom.wiring.document import Place
from headroom.wiring.facts import Autoscaler, Facts, Workload
from headroom.wiring.finding import Verdict, error, warning
from headroom.wiring.scrape import Scrape, scrapes_of
from headroom.wiring.selected import Selected
from headroom.wiring.series import exporters, exporters_of, recordings, steps


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in askings(facts):
        yield from _judge(facts, asking.autoscaler, asking.asked, asking.trigger.place, "the query")
    for autoscaler, metric, name in asked(facts):
        for link in (link for link in links(facts, autoscaler, metric) if _is_told(link)):
            yield from _judge(facts, autoscaler, link.asked, metric.place, name)


def _is_told(link: Link) -> bool:
    """Whether what is asked can be written out. Without a label to group by there is no metric at all."""
    name = link.metric.described[1] if link.metric.described else ""
    return link.tree is not None and isinstance(name, str) and bool(link.group_by or link.metric.kind == "External")


def _judge(facts: Facts, autoscaler: Autoscaler, taken: tuple[Selected, ...], place: Place, subject: str) -> Iterator[Verdict]:
    target = target_of(facts, autoscaler)
    if not isinstance(target, Workload):
        return
    ends = [step.wanted for step in steps(facts, taken) if step.wanted.name not in recordings(facts)]
    shared = [wanted for wanted in ends if target in exporters(facts, wanted.name)]
    strangers = [(wanted, other) for wanted in shared for other in exporters(facts, wanted.name) if other.ref != target.ref]
    taken_too = next(((wanted, other) for wanted, other in strangers if _takes(facts, wanted, other)), None)
    if taken_too is None:
        return
    wanted, other = taken_too
    if any(target in exporters_of(facts, end) for end in shared):
        say, how = warning, f"takes {wanted.name} of {other.ref} too"
    else:
        say, how = error, f"takes {wanted.name} of {other.ref} and not of {target.ref}"
    yield say(place, f"{subject} {how}: its load scales {target.ref}", "match on labels that only this server's series have")


def _takes(facts: Facts, wanted: Selected, workload: Workload) -> bool:
    """Whether the workload's series are certainly among those that are selected."""
    return not wanted.more and any(scrape.certain and _accepts(wanted, scrape) for scrape in scrapes_of(facts, workload))


def _accepts(wanted: Selected, scrape: Scrape) -> bool:
    values = scrape.label_values
    return all(label in values and promql.accepts(op, value, values[label]) is True for label, op, value in wanted.matchers)
