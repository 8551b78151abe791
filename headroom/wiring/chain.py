"""The chain of an autoscaler: what it scales, and the series behind each of its metrics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from headroom.wiring import adapter, managed, promql
from headroom.wiring.document import Place
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import AdapterRule, Autoscaler, AutoscalerMetric, Facts, Rule, Text, Trigger, Workload
from headroom.wiring.finding import Verdict, error, warning
from headroom.wiring.scrape import same_namespace
from headroom.wiring.selectors import LabelSelector
from headroom.wiring.series import exporters, known_names, reads, rules_behind, tree_of
from headroom.wiring.values import Unknown

_API_OF: dict[str, Literal["custom", "external"]] = {"Pods": "custom", "Object": "custom", "External": "external"}


@dataclass(frozen=True, eq=False)
class Link:
    """A series behind a metric of an autoscaler, by a rule of the adapter."""

    autoscaler: Autoscaler
    metric: AutoscalerMetric
    rule: AdapterRule
    series: str
    group_by: str
    """The label by which the adapter groups; empty for an external metric."""
    guessed: bool
    """Whether nothing in the input says that there is such a series."""


def asked(facts: Facts) -> list[tuple[Autoscaler, AutoscalerMetric, str]]:
    """Every metric that an HPA asks of a metrics API other than CPU's and memory's, with its name."""
    return [
        (autoscaler, metric, metric.name)
        for autoscaler in facts.autoscalers
        for metric in autoscaler.metrics
        if metric.kind in _API_OF and isinstance(metric.name, str)
    ]


@dataclass(frozen=True, eq=False)
class Asking:
    """A query that a trigger of a ScaledObject sends to Prometheus."""

    autoscaler: Autoscaler
    trigger: Trigger
    tree: promql.Node


@lru_cache(maxsize=8)
def askings(facts: Facts) -> tuple[Asking, ...]:
    """Every query of a trigger that can be read."""
    return tuple(
        Asking(autoscaler, trigger, tree)
        for autoscaler in facts.autoscalers
        for trigger in autoscaler.triggers
        if (tree := _tree(trigger.query)) is not None
    )


def _tree(text: Text | None) -> promql.Node | None:
    if not isinstance(text, str):
        return None
    try:
        return promql.parse(text)
    except promql.InvalidPromQL:
        return None


def adapter_rules(facts: Facts, metric: AutoscalerMetric) -> list[AdapterRule]:
    """The adapter's rules for the API that a metric is asked of."""
    api = _API_OF.get(str(metric.kind))
    return [rule for found in facts.adapters for rule in found.rules if rule.api == api]


@lru_cache(maxsize=1024)
def links(facts: Facts, autoscaler: Autoscaler, metric: AutoscalerMetric) -> tuple[Link, ...]:
    """Every series from which the adapter makes a metric: those known by name, else those that its rules would make it from."""
    if not isinstance(metric.name, str):
        return ()
    rules = adapter_rules(facts, metric)
    known = [(rule, series) for rule in rules for series in _candidates(facts, rule, metric.name)]
    made = [(rule, series) for rule, series in known if adapter.metric_name(rule, series) == metric.name]
    taken = [(rule, series) for rule, series in made if adapter.takes(rule, series) is not False]
    guesses = [(rule, series) for rule in rules if isinstance(series := adapter.series_for(rule, metric.name), str)]
    return tuple(
        Link(autoscaler, metric, rule, series, group_label(rule, metric) or "", guessed=not taken) for rule, series in taken or guesses
    )


def _candidates(facts: Facts, rule: AdapterRule, metric: str) -> list[str]:
    named = adapter.named_series(rule)
    return sorted(known_names(facts) | ({named} if named else set()) | ({metric} if known_metric(metric) else set()))


def group_label(rule: AdapterRule, metric: AutoscalerMetric) -> str | None:
    """The Prometheus label that tells the objects of a metric apart; None where the rule maps none to that kind."""
    if metric.kind == "Pods":
        return adapter.label_of(rule, "pod")
    kind = metric.described[0] if metric.described else None
    return adapter.label_of(rule, kind.lower()) if isinstance(kind, str) else None


def target_of(facts: Facts, autoscaler: Autoscaler) -> Workload | Unknown | None:
    """What an autoscaler scales; None where no such workload is in the input."""
    target = autoscaler.target
    if isinstance(target.kind, Unknown):
        return target.kind
    if isinstance(target.name, Unknown):
        return target.name
    return next((workload for workload in facts.workloads if _is(workload, target.kind, target.name, autoscaler.ref.namespace)), None)


def autoscalers_of(facts: Facts, workload: Workload) -> list[Autoscaler]:
    return [autoscaler for autoscaler in facts.autoscalers if target_of(facts, autoscaler) is workload]


def _is(workload: Workload, kind: str, name: str, namespace: str) -> bool:
    return workload.ref.kind == kind and workload.ref.name == name and same_namespace(workload.ref.namespace, namespace)


@dataclass(frozen=True, eq=False)
class Query:
    """An expression that Prometheus evaluates, for a recording rule or for the adapter."""

    tree: promql.Node
    place: Place
    subject: str
    autoscaler: Autoscaler | None
    """Whose replicas depend on it, where that is known."""
    steers: bool
    """Whether replicas depend on it: it is in an autoscaler's chain, or it is an adapter's."""

    def fault(self, message: str, fix: str) -> Verdict:
        """An error where replicas depend on the expression, else a warning."""
        return (error if self.steers else warning)(self.place, message, fix)


@lru_cache(maxsize=8)
def queries(facts: Facts) -> tuple[Query, ...]:
    """Every recording rule, and every query of the adapter that can be written out."""
    found_links = [link for autoscaler, metric, _ in asked(facts) for link in links(facts, autoscaler, metric)]
    steering: dict[Rule, Autoscaler | None] = {rule: link.autoscaler for link in found_links for rule in rules_behind(facts, link.series)}
    steering |= {rule: asking.autoscaler for asking in askings(facts) for rule in _behind(facts, asking)}
    steering |= {rule: None for rule in _behind_adapter(facts) if rule not in steering}
    result = [query for rule in facts.rules if (query := _recorded(rule, steering))]
    result += [
        Query(asking.tree, asking.trigger.place, f"the trigger's query of {asking.autoscaler.ref}", asking.autoscaler, True)
        for asking in askings(facts)
    ]
    result += [
        Query(managed.query(metric, wanted), metric.place, f"the metric {name}", autoscaler, True)
        for autoscaler, metric, name in asked(facts)
        if (wanted := managed.managed(metric))
    ]
    written = {(link.rule, link.series, link.metric.selector): link for link in found_links}
    result += [query for link in written.values() if (query := _of_link(link))]
    return tuple(result + _unasked(facts, {link.rule for link in found_links}))


def _behind(facts: Facts, asking: Asking) -> list[Rule]:
    return [rule for use in promql.uses(asking.tree) if use.name for rule in rules_behind(facts, use.name)]


def _behind_adapter(facts: Facts) -> list[Rule]:
    named = [series for found in facts.adapters for rule in found.rules if (series := adapter.named_series(rule))]
    return [rule for series in named for rule in rules_behind(facts, series)]


def _unasked(facts: Facts, asked_for: set[AdapterRule]) -> list[Query]:
    """Queries of adapter rules that name their series, though no autoscaler in the input asks for the metric."""
    rules = [rule for found in facts.adapters for rule in found.rules if rule not in asked_for]
    named = [(rule, series) for rule in rules if (series := adapter.named_series(rule))]
    return [query for rule, series in named if (query := _adapted(rule, series, adapter.label_of(rule, "pod") or "", None))]


def _recorded(rule: Rule, steering: dict[Rule, Autoscaler | None]) -> Query | None:
    tree = tree_of(rule) if isinstance(rule.record, str) else None
    return Query(tree, rule.expr_place, f"the recorded series {rule.record}", steering.get(rule), rule in steering) if tree else None


def _of_link(link: Link) -> Query | None:
    return _adapted(link.rule, link.series, link.group_by, link.autoscaler, link.metric.selector)


def _adapted(
    rule: AdapterRule, series: str, group_by: str, autoscaler: Autoscaler | None, selector: LabelSelector | None = None
) -> Query | None:
    text = adapter.query(rule, series, group_by, autoscaler.ref.namespace if autoscaler else "", selector)
    if isinstance(text, Unknown):
        return None
    try:
        tree = promql.parse(text)
    except promql.InvalidPromQL:
        return None
    return Query(tree, rule.place, f"the adapter's query for {adapter.metric_name(rule, series)}", autoscaler, True)


def scraped_for(facts: Facts) -> dict[Workload, str]:
    """The workloads that must be scraped for an autoscaler's metric, with that metric's name."""
    needed: dict[Workload, str] = {}
    for autoscaler, metric, name in asked(facts):
        target = target_of(facts, autoscaler)
        for workload in _exporting(facts, autoscaler, metric) or (
            [target] if isinstance(target, Workload) and metric.kind == "Pods" else []
        ):
            needed.setdefault(workload, name)
    for asking in askings(facts):
        for name in sources(facts, asking.tree):
            for workload in exporters(facts, name):
                needed.setdefault(workload, name)
    return needed


def sources(facts: Facts, tree: promql.Node) -> list[str]:
    """The series that an expression reads by name, and those from which these are recorded, down to what pods export."""
    named = [use.name for use in promql.uses(tree) if use.name]
    return list(dict.fromkeys([*named, *(read for name in named for rule in rules_behind(facts, name) for read in reads(rule))]))


def _exporting(facts: Facts, autoscaler: Autoscaler, metric: AutoscalerMetric) -> list[Workload]:
    """The workloads that export a series behind the metric: the target, where it is one of them."""
    found = links(facts, autoscaler, metric)
    wanted = managed.managed(metric)
    named = {link.series for link in found} | ({wanted.series} if wanted else set())
    series = named | {read for name in named for rule in rules_behind(facts, name) for read in reads(rule)}
    workloads = list(dict.fromkeys(workload for name in sorted(series) for workload in exporters(facts, name)))
    target = target_of(facts, autoscaler)
    return [target] if isinstance(target, Workload) and target in workloads else workloads
