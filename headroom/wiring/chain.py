"""The chain of an autoscaler: what it scales, and the series behind each of its metrics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from headroom.catalog.names import replica_pattern
from headroom.wiring import adapter, managed, promql
from headroom.wiring.document import Place
from headroom.wiring.engines import known_metric
from headroom.wiring.facts import AdapterRule, Autoscaler, AutoscalerMetric, Facts, Rule, Text, Trigger, Workload
from headroom.wiring.finding import Verdict, error, warning
from headroom.wiring.scrape import same_namespace
from headroom.wiring.selected import Selected, selected
from headroom.wiring.series import exporters_of, known_names, rules_behind, steps, tree_of
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
    tree: promql.Node | None
    """The query that the adapter sends; None where it cannot be written out."""
    asked: tuple[Selected, ...]
    """The series as the query takes them for the objects of the metric."""
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

    @property
    def asked(self) -> tuple[Selected, ...]:
        """The series as the query takes them."""
        return tuple(selected(self.tree))


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
    return tuple(_link(facts, autoscaler, metric, rule, series, guessed=not taken) for rule, series in taken or guesses)


def _link(facts: Facts, autoscaler: Autoscaler, metric: AutoscalerMetric, rule: AdapterRule, series: str, *, guessed: bool) -> Link:
    group_by, objects = group_label(rule, metric) or "", _objects(facts, autoscaler, metric)
    tree = _tree(adapter.query(rule, series, group_by, autoscaler.ref.namespace, objects, metric.selector))
    # Of what the query gives, the adapter takes the elements of the objects that it was asked for.
    of_objects: tuple[promql.Matcher, ...] = ((group_by, "=~", objects),) if group_by else ()
    asked = (Selected(series, of_objects),) if tree is None else tuple(selected(tree, of_objects))
    return Link(autoscaler, metric, rule, series, group_by, tree, tuple(dict.fromkeys(asked)), guessed)


def _objects(facts: Facts, autoscaler: Autoscaler, metric: AutoscalerMetric) -> str:
    """A pattern for the names of the objects whose metric is asked for."""
    if metric.kind == "Pods":
        target = target_of(facts, autoscaler)
        return replica_pattern(target.ref.name) if isinstance(target, Workload) else ".+"
    name = metric.described[1] if metric.described else None
    return name if isinstance(name, str) else ".+"


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
    steering: dict[Rule, Autoscaler | None] = {rule: link.autoscaler for link in found_links for rule in rules_behind(facts, link.asked)}
    steering |= {rule: asking.autoscaler for asking in askings(facts) for rule in rules_behind(facts, asking.asked)}
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
    written = {(link.rule, link.series, link.asked): link for link in found_links}
    result += [query for link in written.values() if (query := _adapted(link.rule, link.series, link.tree, link.autoscaler))]
    return tuple(result + _unasked(facts, {link.rule for link in found_links}))


def _behind_adapter(facts: Facts) -> list[Rule]:
    named = [series for found in facts.adapters for rule in found.rules if (series := adapter.named_series(rule))]
    return rules_behind(facts, tuple(map(Selected, named)))


def _unasked(facts: Facts, asked_for: set[AdapterRule]) -> list[Query]:
    """Queries of adapter rules that name their series, though no autoscaler in the input asks for the metric."""
    rules = [rule for found in facts.adapters for rule in found.rules if rule not in asked_for]
    named = [(rule, series) for rule in rules if (series := adapter.named_series(rule))]
    trees = [_tree(adapter.query(rule, series, adapter.label_of(rule, "pod") or "", "")) for rule, series in named]
    return [query for (rule, series), tree in zip(named, trees, strict=True) if (query := _adapted(rule, series, tree, None))]


def _recorded(rule: Rule, steering: dict[Rule, Autoscaler | None]) -> Query | None:
    tree = tree_of(rule) if isinstance(rule.record, str) else None
    return Query(tree, rule.expr_place, f"the recorded series {rule.record}", steering.get(rule), rule in steering) if tree else None


def _adapted(rule: AdapterRule, series: str, tree: promql.Node | None, autoscaler: Autoscaler | None) -> Query | None:
    return Query(tree, rule.place, f"the adapter's query for {adapter.metric_name(rule, series)}", autoscaler, True) if tree else None


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
        for step in steps(facts, asking.asked):
            for workload in exporters_of(facts, step.wanted):
                needed.setdefault(workload, step.wanted.name)
    return needed


def _exporting(facts: Facts, autoscaler: Autoscaler, metric: AutoscalerMetric) -> list[Workload]:
    """The workloads that export a series behind the metric: the target, where it is one of them."""
    wanted = managed.managed(metric)
    asked = [taken for link in links(facts, autoscaler, metric) for taken in link.asked] + ([Selected(wanted.series)] if wanted else [])
    series = sorted({step.wanted for step in steps(facts, tuple(asked))}, key=str)
    workloads = list(dict.fromkeys(workload for taken in series for workload in exporters_of(facts, taken)))
    target = target_of(facts, autoscaler)
    return [target] if isinstance(target, Workload) and target in workloads else workloads
