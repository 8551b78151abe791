"""A series behind the HPA's metric is made by nothing.

The metric leads through the adapter's rule to a series, and from a recording rule to further series. Each of them must be recorded by a
rule or exported by a pod. Here the name at the end of the path is neither, though the files should say.

## Why it matters

A query for a series that does not exist is no error in Prometheus: it is empty. The adapter then has no such metric, the HPA reads
`<unknown>`, and the replica count stays where it is. This is what a renamed or misspelt recording rule looks like.

## How to mend it

Use the same name in the recording rule, the adapter's rule and the HPA. If the series comes from somewhere else (a rule file of the
platform, an exporter of its own), verify those files together with this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from headroom.catalog.names import SERIES_PREFIX
from headroom.wiring import adapter
from headroom.wiring.chain import adapter_rules, asked, links
from headroom.wiring.document import Place
from headroom.wiring.engines import known_metric, meant_metric
from headroom.wiring.facts import Autoscaler, AutoscalerMetric, Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.series import exporters, known_names, reads, recordings, rules_behind
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        for series, place in _needed(facts, autoscaler, metric, name):
            if isinstance(series, Unknown):
                yield cannot_tell(place, f"which series is behind {name}: {series.why}", "name the series in the adapter's rule")
            else:
                yield from _judge(facts, series, place, name, metric.place)


def _needed(facts: Facts, autoscaler: Autoscaler, metric: AutoscalerMetric, name: str) -> Iterator[tuple[str | Unknown, Place]]:
    """Every series that the metric needs, and where it is asked for."""
    found = links(facts, autoscaler, metric)
    for link in found:
        yield link.series, metric.place
        for rule in rules_behind(facts, link.series):
            yield from ((read, rule.expr_place) for read in reads(rule))
    if not found:
        guesses = [adapter.series_for(rule, name) for rule in adapter_rules(facts, metric)]
        yield from ((guess, metric.place) for guess in guesses[:1] if guess is not None)
        yield from ((guess, metric.place) for guess in guesses[1:] if isinstance(guess, str) and guess not in guesses[:1])


def _judge(facts: Facts, series: str, place: Place, metric: str, metric_place: Place) -> Iterator[Verdict]:
    told_where_it_stands = place != metric_place and meant_metric(series)  # by engine-metric-missing
    if series in recordings(facts) or exporters(facts, series) or told_where_it_stands:
        return
    names = known_names(facts)
    close = get_close_matches(series, names, 1, 0.8)
    for_certain = facts.closed or close or series.startswith(SERIES_PREFIX) or (":" in series and recordings(facts))
    subject = f"the series {series}" + ("" if series == metric else f", from which {metric} is made,")
    if known_metric(series):
        yield cannot_tell(
            place,
            f"whether {subject} is exported: no pod in the files is known to run its engine",
            "verify the manifest of the server together with this object",
        )
    elif for_certain:
        yield error(
            place,
            f"{subject} is recorded by no rule and exported by no known engine, so the metric does not exist",
            f"use {close[0]}" if close else "record the series under this name, or ask for one that is recorded",
        )
    else:
        yield cannot_tell(
            place,
            f"whether {subject} exists: no rule in the files records it and no engine of the catalogue exports it",
            "verify the rule or the exporter that makes it together with this object",
        )
