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

from headroom.catalog.names import SERIES_PREFIX
from headroom.wiring import adapter
from headroom.wiring.chain import Link, adapter_rules, asked, links
from headroom.wiring.document import Place
from headroom.wiring.engines import known_metric, meant_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.likeness import slip_of
from headroom.wiring.managed import managed
from headroom.wiring.series import OF_PROMETHEUS, exporters, known_names, reads, recordings, rules_behind
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        found, wanted = links(facts, autoscaler, metric), managed(metric)
        if wanted and not meant_metric(wanted.series):
            yield from _judge(facts, wanted.series, metric.place, name, metric.place)
        for series, place in _needed(facts, found, metric.place):
            yield from _judge(facts, series, place, name, metric.place)
        holes = [hole for rule in adapter_rules(facts, metric) if isinstance(hole := adapter.series_for(rule, name), Unknown)]
        if holes and not found:
            yield cannot_tell(metric.place, f"which series is behind {name}: {holes[0].why}", "name the series in the adapter's rule")


def _needed(facts: Facts, found: tuple[Link, ...], place: Place) -> Iterator[tuple[str, Place]]:
    """Every series that a metric needs, and where it is asked for. Of several guesses the plainest is meant."""
    if found and found[0].guessed:
        yield min((link.series for link in found), key=len), place
        return
    for link in found:
        yield link.series, place
        for rule in rules_behind(facts, link.series):
            yield from ((read, rule.expr_place) for read in reads(rule))


def _judge(facts: Facts, series: str, place: Place, metric: str, metric_place: Place) -> Iterator[Verdict]:
    told_where_it_stands = place != metric_place and meant_metric(series)  # by engine-metric-missing
    if series in recordings(facts) or series in OF_PROMETHEUS or exporters(facts, series) or told_where_it_stands:
        return
    meant = slip_of(series, known_names(facts))
    unread = any(isinstance(rule.record, Unknown) for rule in facts.rules)
    for_certain = facts.closed or meant is not None or series.startswith(SERIES_PREFIX) or _belongs_to_rules(facts, series)
    subject = f"the series {series}" + ("" if series == metric else f", from which {metric} is made,")
    if known_metric(series):
        yield cannot_tell(
            place,
            f"whether {subject} is exported: no pod in the files is known to run its engine",
            "verify the manifest of the server together with this object",
        )
    elif for_certain and not unread:
        yield error(
            place,
            f"{subject} is recorded by no rule and exported by no known engine, so the metric does not exist",
            f"use {meant}" if meant else "record the series under this name, or ask for one that is recorded",
        )
    else:
        yield cannot_tell(
            place,
            f"whether {subject} exists: no rule in the files records it and no engine of the catalogue exports it",
            "verify the rule or the exporter that makes it together with this object",
        )


def _belongs_to_rules(facts: Facts, series: str) -> bool:
    """Whether the series has the prefix of recorded ones (`parrot:…`), and that is not a prefix of an exporter (`vllm:…`)."""
    read = {name for rule in facts.rules for name in reads(rule)} - set(recordings(facts))
    prefix, colon, _ = series.partition(":")
    recorded = any(name.startswith(f"{prefix}:") for name in recordings(facts))
    return bool(colon) and recorded and not any(name.startswith(f"{prefix}:") for name in read if name != series)
