"""The HPA asks for a metric that no rule of prometheus-adapter serves.

A HorizontalPodAutoscaler reads Pods and Object metrics from `custom.metrics.k8s.io` and External metrics from
`external.metrics.k8s.io`. prometheus-adapter answers there with what its rules make of Prometheus series: `seriesQuery` chooses series,
`name.matches` and `name.as` rename them. This check reads the rules backwards from the name that the HPA asks for. A metric of Google's
managed Prometheus is served by the Custom Metrics Stackdriver Adapter, under its name and its type.

## Why it matters

The HPA shows `<unknown>`, logs "no metrics returned from custom metrics API" and keeps the replica count as it is, under any load.

## How to mend it

Give the adapter a rule whose name comes out as the metric, or ask for the name that the existing rule yields. A rule that is written
for one namespace (`namespace="default"`) serves only that one: write `namespace!=""`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from headroom.catalog.engines.model import MetricType
from headroom.wiring import adapter
from headroom.wiring.chain import adapter_rules, asked, links
from headroom.wiring.engines import metric_type
from headroom.wiring.facts import AdapterRule, Autoscaler, AutoscalerMetric, Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.managed import ADAPTER, Managed, managed
from headroom.wiring.series import known_names


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        wanted, rules = managed(metric), adapter_rules(facts, metric)
        if wanted:
            yield from _of_managed(facts, metric, wanted)
            continue
        found = links(facts, autoscaler, metric)
        if found:
            yield from _of_other_namespaces(autoscaler, metric, name, [link.rule for link in found])
        elif not any(adapter.series_for(rule, name) is not None for rule in rules):
            yield _unserved(facts, metric, name, rules)


def _of_managed(facts: Facts, metric: AutoscalerMetric, wanted: Managed) -> Iterator[Verdict]:
    kind = metric_type(wanted.series)
    if kind is not None and (kind is MetricType.COUNTER) != wanted.counts and kind is not MetricType.HISTOGRAM:
        right = f"prometheus.googleapis.com|{wanted.series}|{kind.value}"
        yield error(
            metric.place,
            f"{wanted.series} is a {kind.value}; Cloud Monitoring has it under that type and not as {wanted.type}",
            f"ask for {right}",
        )
    elif not any(ADAPTER in api.owner for api in facts.apis):
        yield cannot_tell(
            metric.place,
            f"whether anything serves {metric.name}: the Custom Metrics Stackdriver Adapter is not among the files",
            "verify the adapter's manifests together with this object",
        )


def _of_other_namespaces(autoscaler: Autoscaler, metric: AutoscalerMetric, name: str, rules: list[AdapterRule]) -> Iterator[Verdict]:
    if all(adapter.takes_namespace(rule, autoscaler.ref.namespace) is False for rule in rules):
        yield error(
            metric.place,
            f"the adapter's rule for {name} takes no series of the namespace {autoscaler.ref.namespace}: {rules[0].series_query}",
            'let the rule\'s seriesQuery take every namespace (namespace!="")',
        )


def _unserved(facts: Facts, metric: AutoscalerMetric, name: str, rules: list[AdapterRule]) -> Verdict:
    if not facts.adapters or not all(found.complete for found in facts.adapters) or (not rules and metric.kind == "External"):
        return cannot_tell(
            metric.place,
            f"whether anything serves {name}: no complete configuration of prometheus-adapter for {metric.kind} metrics is among the files",
            "verify the adapter's ConfigMap or Helm values together with this object",
        )
    served = sorted({found for rule in rules for series in known_names(facts) if isinstance(found := _name(rule, series), str)})
    close = get_close_matches(name, served, 1, 0.6)
    return error(
        metric.place,
        f"no rule of prometheus-adapter yields {name}, so the HPA reads <unknown> and never scales",
        f"ask for {close[0]}, which a rule yields" if close else f"add a rule to the adapter that names a series {name}",
    )


def _name(rule: AdapterRule, series: str) -> object:
    return adapter.metric_name(rule, series) if adapter.takes(rule, series) is True else None
