"""A series behind the HPA's metric is made by nothing.

The metric leads through the adapter's rule to a series, and from a recording rule to further series. Each of them must be recorded by a
rule or exported by a pod, and recorded with the labels that are asked for: for this server, and not for another one alone. Here
something on the path is not, though the files should say.

## Why it matters

A query for a series that does not exist is no error in Prometheus: it is empty. The adapter then has no such metric, the HPA reads
`<unknown>`, and the replica count stays where it is. This is what a renamed or misspelt recording rule looks like.

## How to mend it

Use the same name in the recording rule, the adapter's rule and the HPA. If the series comes from somewhere else (a rule file of the
platform, an exporter of its own), verify those files together with this one.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import adapter
from headroom.wiring.chain import adapter_rules, asked, links
from headroom.wiring.engines import meant_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell
from headroom.wiring.managed import managed
from headroom.wiring.missing import judge, missing
from headroom.wiring.selected import Selected
from headroom.wiring.series import Step
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        found, wanted = links(facts, autoscaler, metric), managed(metric)
        if wanted and not meant_metric(wanted.series):
            yield from judge(facts, Step(Selected(wanted.series), None), metric.place, name)
        if found and found[0].guessed:
            # Of several guesses the plainest is meant.
            plainest = min((link.series for link in found), key=len)
            yield from judge(facts, Step(Selected(plainest), None), metric.place, name)
        else:
            yield from missing(facts, tuple(taken for link in found for taken in link.asked), metric.place, name)
        holes = [hole for rule in adapter_rules(facts, metric) if isinstance(hole := adapter.series_for(rule, name), Unknown)]
        if holes and not found:
            yield cannot_tell(metric.place, f"which series is behind {name}: {holes[0].why}", "name the series in the adapter's rule")
