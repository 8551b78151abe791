"""Which series exist, by whom they are made, and which labels they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from headroom.wiring import promql
from headroom.wiring.engines import Running, exported, known_metric, running
from headroom.wiring.facts import Facts, Rule, Workload
from headroom.wiring.labels import ANY_LABELS, LabelSet
from headroom.wiring.scrape import Scrape, scrapes_of
from headroom.wiring.values import Unknown

OF_PROMETHEUS = frozenset({"up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_series_added", "ALERTS", "ALERTS_FOR_STATE"})
"""Series that Prometheus makes by itself: https://prometheus.io/docs/concepts/jobs_instances/"""


@lru_cache(maxsize=8)
def recordings(facts: Facts) -> Mapping[str, tuple[Rule, ...]]:
    """Recorded series → the rules that record it."""
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in facts.rules:
        if isinstance(rule.record, str):
            found[rule.record] = (*found.get(rule.record, ()), rule)
    return found


@lru_cache(maxsize=8)
def engines(facts: Facts) -> tuple[tuple[Workload, Running], ...]:
    """The workloads that run an engine of the catalogue."""
    return tuple((workload, found) for workload in facts.workloads if (found := running(workload)))


@lru_cache(maxsize=1024)
def exporters(facts: Facts, name: str) -> list[Workload]:
    """The workloads whose engine exports a series."""
    return [workload for workload, found in engines(facts) if exported(found.engine, name)]


@lru_cache(maxsize=1024)
def scrapes_of_series(facts: Facts, name: str) -> list[Scrape]:
    """Every scrape that brings a series of an engine to Prometheus, perhaps."""
    return [scrape for workload in exporters(facts, name) for scrape in scrapes_of(facts, workload)]


def known_names(facts: Facts) -> set[str]:
    """Every series that the input is known to make: recorded, or exported by an engine in it."""
    return set(recordings(facts)) | {metric.name for _, found in engines(facts) for metric in found.engine.metrics}


@lru_cache(maxsize=1024)
def labels_of(facts: Facts, name: str, above: frozenset[str] = frozenset()) -> LabelSet:
    """The labels of a series. `above` holds the recorded series being followed, so that a rule that reads itself ends."""
    rules = recordings(facts).get(name, ())
    if not rules or name in above:
        return _exported_labels(facts, name)
    results = [_recorded_labels(facts, rule, above | {name}) for rule in rules]
    result = results[0]
    for other in results[1:]:
        result = result.either(other)
    return result


def rules_behind(facts: Facts, name: str) -> list[Rule]:
    """The recording rules from which a series is made, through every recorded series in between."""
    found: list[Rule] = []
    waiting = list(recordings(facts).get(name, ()))
    while waiting:
        rule = waiting.pop(0)
        if rule not in found:
            found.append(rule)
            waiting += [next_rule for read in reads(rule) for next_rule in recordings(facts).get(read, ())]
    return found


def reads(rule: Rule) -> Iterator[str]:
    """The series that a rule's expression reads by name."""
    tree = tree_of(rule)
    if tree is not None:
        yield from (use.name for use in promql.uses(tree) if use.name)


def tree_of(rule: Rule) -> promql.Node | None:
    """A rule's expression; None where it cannot be read or parsed."""
    if isinstance(rule.expr, Unknown):
        return None
    try:
        return promql.parse(rule.expr)
    except promql.InvalidPromQL:
        return None


def _recorded_labels(facts: Facts, rule: Rule, above: frozenset[str]) -> LabelSet:
    tree = tree_of(rule)
    if tree is None:
        return ANY_LABELS
    inner = promql.labels(tree, lambda selector: _selector_labels(facts, selector, above))
    return inner.open() if isinstance(rule.labels, Unknown) else inner.with_certain(rule.labels)


def _selector_labels(facts: Facts, selector: promql.Node, above: frozenset[str]) -> LabelSet:
    name = promql.series_name(selector)
    return labels_of(facts, name, above) if name else ANY_LABELS


def _exported_labels(facts: Facts, name: str) -> LabelSet:
    """An engine's own labels and those of the scrape. Closed only where every scrape of it is certain and renames nothing."""
    metric = known_metric(name)
    if metric is None:
        return ANY_LABELS
    scrapes = scrapes_of_series(facts, name)
    if not scrapes:
        return LabelSet(frozenset(metric.labels))
    certain = frozenset.intersection(*(scrape.labels for scrape in scrapes)) | frozenset(metric.labels)
    if not all(scrape.certain and not scrape.endpoint.drops for scrape in scrapes):
        return LabelSet(certain)
    return LabelSet(certain, frozenset.union(*(scrape.labels for scrape in scrapes)) | frozenset(metric.labels) | _SOMETIMES)


_SOMETIMES = frozenset({"gpu_uuid", "exported_namespace"})
"""Labels that an engine adds under conditions which the manifests do not show."""
