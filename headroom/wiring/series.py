"""Which series exist, by whom they are made, and which labels they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce

from headroom.wiring import promql
from headroom.wiring.engines import Running, exported, known_metric, running
from headroom.wiring.facts import Facts, Rule, Workload
from headroom.wiring.labels import ANY_LABELS, LabelSet
from headroom.wiring.promql import Matcher
from headroom.wiring.scrape import Scrape, scrapes_of
from headroom.wiring.selected import Selected, selected, selector
from headroom.wiring.values import Unknown

OF_TARGETS = ("up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_series_added")
OF_PROMETHEUS = frozenset({*OF_TARGETS, "ALERTS", "ALERTS_FOR_STATE", "process_start_time_seconds"})
"""Series that Prometheus makes by itself (https://prometheus.io/docs/concepts/jobs_instances/), and one that it has of every exporter."""


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


def origins(facts: Facts, wanted: Selected) -> list[Workload]:
    """The workloads of which a series may speak. Of what Prometheus says of its targets, those of a namespace that is all told."""
    if wanted.name not in OF_TARGETS:
        return exporters(facts, wanted.name)
    asked = {value for label, op, value in wanted.matchers if (label, op) == ("namespace", "=")}
    serving = {workload for workload, _ in engines(facts)}
    told = [workload for workload in facts.workloads if facts.closed and workload.ref.namespace in asked]
    return [workload for workload in told if workload in serving or scrapes_of(facts, workload)]


@lru_cache(maxsize=4096)
def exporters_of(facts: Facts, wanted: Selected) -> list[Workload]:
    """The workloads that export what is selected. One that is not scraped might be scraped with any labels."""
    found = {workload: scrapes_of(facts, workload) for workload in exporters(facts, wanted.name)}
    return [workload for workload, scrapes in found.items() if not scrapes or any(_gives(scrape, wanted) for scrape in scrapes)]


def _gives(scrape: Scrape, wanted: Selected) -> bool:
    return not scrape.certain or not any(scrape.refuses(*matcher) for matcher in wanted.matchers)


def known_names(facts: Facts) -> set[str]:
    """Every series that the input is known to make: recorded, or exported by an engine in it."""
    return set(recordings(facts)) | {metric.name for _, found in engines(facts) for metric in found.engine.metrics}


@lru_cache(maxsize=4096)
def made_by(facts: Facts, wanted: Selected, above: frozenset[str] = frozenset()) -> tuple[Rule, ...]:
    """The rules that record what is selected, or may. `above` holds the recorded series being followed, so that rules in a ring end.

    Where none does, those that only lack a label which is asked for, or that read nothing at all: what is wrong with them can be told.
    """
    rules = recordings(facts).get(wanted.name, ())
    have = {rule: _recorded_labels(facts, rule, above | {wanted.name}) for rule in rules}
    possible = tuple(rule for rule in rules if not _refuses(facts, rule, have[rule], wanted))
    whole = tuple(rule for rule in possible if not _lacks(have[rule], wanted))
    return whole or possible or tuple(rule for rule in rules if _reads_nothing(facts, rule))


def values_of(facts: Facts, rule: Rule) -> Mapping[str, str]:
    """The labels of what a rule records of which the values are known."""
    above = frozenset({rule.record}) if isinstance(rule.record, str) else frozenset()
    return _recorded_labels(facts, rule, above).values


def _refuses(facts: Facts, rule: Rule, have: LabelSet, wanted: Selected) -> bool:
    if any(label in have.values and promql.accepts(op, value, have.values[label]) is False for label, op, value in wanted.matchers):
        return True
    # Elsewhere there may be more servers of the same engine.
    return facts.closed and _reads_only_others(facts, rule, wanted.matchers)


def _reads_only_others(facts: Facts, rule: Rule, asked: tuple[Matcher, ...]) -> bool:
    """Whether a rule reads what servers export, and nothing of that has the labels which the result is asked for."""
    read = [narrowed for own, narrowed in zip(reads(rule), reads(rule, asked), strict=True) if exporters_of(facts, own)]
    return bool(read) and not any(exporters_of(facts, narrowed) for narrowed in read)


def _lacks(have: LabelSet, wanted: Selected) -> bool:
    return any(have.has(label) is False and promql.accepts(op, value, "") is False for label, op, value in wanted.matchers)


def _reads_nothing(facts: Facts, rule: Rule) -> bool:
    """Whether a rule asks for labels that no server has which exports what it reads."""
    exported_here = [read for read in reads(rule) if exporters(facts, read.name)]
    return bool(exported_here) and not any(exporters_of(facts, read) for read in exported_here)


@lru_cache(maxsize=4096)
def labels_of(facts: Facts, wanted: Selected | None, above: frozenset[str] = frozenset()) -> LabelSet:
    """The labels of what is selected; `above` as in `made_by`."""
    if wanted is None:
        return ANY_LABELS
    if wanted.name in above or wanted.name not in recordings(facts):
        return _exported_labels(facts, wanted)
    found = [_recorded_labels(facts, rule, above | {wanted.name}) for rule in made_by(facts, wanted, above)]
    return reduce(LabelSet.either, found) if found else ANY_LABELS


def labels(facts: Facts, tree: promql.Node) -> LabelSet:
    """The labels of an expression's result."""
    return promql.labels(tree, lambda node: labels_of(facts, selector(node)))


@dataclass(frozen=True)
class Step:
    """A series that is read on the way from an expression to what pods export."""

    wanted: Selected
    rule: Rule | None
    """The rule that reads it; None for the expression itself."""


@lru_cache(maxsize=1024)
def steps(facts: Facts, asked: tuple[Selected, ...]) -> tuple[Step, ...]:
    """What is asked, and everything that it is made of, through every recorded series in between."""
    found: list[Step] = []
    waiting = [Step(wanted, None) for wanted in asked]
    while waiting:
        step = waiting.pop(0)
        if step not in found:
            found.append(step)
            waiting += [Step(read, rule) for rule in made_by(facts, step.wanted) for read in _reads_for(rule, step.wanted)]
    return tuple(found)


def rules_behind(facts: Facts, asked: tuple[Selected, ...]) -> list[Rule]:
    """The recording rules from which series are made, through every recorded series in between."""
    return list(dict.fromkeys(rule for step in steps(facts, asked) for rule in made_by(facts, step.wanted)))


def reads(rule: Rule, asked: tuple[Matcher, ...] = ()) -> list[Selected]:
    """What a rule's expression reads by name, for a result of which `asked` takes a part."""
    tree = tree_of(rule)
    return [] if tree is None else selected(tree, asked)


def _reads_for(rule: Rule, wanted: Selected) -> list[Selected]:
    tree = tree_of(rule)
    return [] if tree is None else selected(tree, wanted.matchers, more=wanted.more)


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
    inner = promql.labels(tree, lambda node: labels_of(facts, selector(node), above))
    if isinstance(rule.labels, Unknown):
        return inner.open()
    return inner.with_certain(rule.labels).with_values({label: value for label, value in rule.labels.items() if isinstance(value, str)})


def _exported_labels(facts: Facts, wanted: Selected) -> LabelSet:
    """An engine's own labels and those of the scrape. Closed only where every scrape of it is certain and its labels are all told."""
    metric, of_target = known_metric(wanted.name), wanted.name in OF_TARGETS
    scrapes = [scrape for workload in origins(facts, wanted) for scrape in scrapes_of(facts, workload) if _gives(scrape, wanted)]
    if metric is None and not (of_target and scrapes):
        return ANY_LABELS
    own = frozenset(metric.labels if metric else ())
    # What Prometheus says of a target is not relabelled as its series are.
    found = [scrape.target if of_target else scrape.any_series for scrape in scrapes]
    certain = frozenset.intersection(*(labels.names for labels in found)) | own if found else own
    if not found or not all(scrape.certain for scrape in scrapes) or any(labels.open for labels in found):
        return LabelSet(certain)
    return LabelSet(certain, frozenset.union(*(labels.names for labels in found)) | own | _SOMETIMES)


_SOMETIMES = frozenset({"gpu_uuid", "exported_namespace"})
"""Labels that an engine adds under conditions which the manifests do not show."""
