"""Metrics of Google's managed Prometheus, as an HPA asks Cloud Monitoring for them: `prometheus.googleapis.com|NAME|TYPE`.

Source: cloud.google.com/stackdriver/docs/managed-prometheus/hpa; GoogleCloudPlatform/k8s-stackdriver
custom-metrics-stackdriver-adapter/pkg/adapter/translator/query_builder.go (what counts is rated by the adapter).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from headroom.catalog.engines.model import MetricType
from headroom.wiring import promql
from headroom.wiring.engines import metric_type
from headroom.wiring.facts import AutoscalerMetric

_NAME = re.compile(r"prometheus\.googleapis\.com[|/]([A-Za-z_:][\w:]*)[|/]([a-z]+(?::counter)?)")
_LABEL = "metric.labels."
ADAPTER = "stackdriver"
"""In the name of the Service behind the metrics APIs, where this adapter serves them."""


@dataclass(frozen=True)
class Managed:
    """A series, and the type under which Cloud Monitoring has it: `gauge`, `counter`, `histogram`, `unknown:counter`, …"""

    series: str
    type: str

    @property
    def counts(self) -> bool:
        return self.type.endswith("counter")


def managed(metric: AutoscalerMetric) -> Managed | None:
    """What a metric asks managed Prometheus for; None for every other metric."""
    found = _NAME.fullmatch(metric.name) if isinstance(metric.name, str) else None
    return Managed(found[1], found[2]) if found else None


def query(metric: AutoscalerMetric, asked: Managed) -> promql.Node:
    """The metric as PromQL. A counter's window is longer than any scrape interval: the real one is the adapter's affair."""
    requirements = metric.selector.requirements if metric.selector else ()
    matchers = [
        f'{requirement.key.removeprefix(_LABEL)}="{requirement.values[0]}"'
        for requirement in requirements
        if requirement.key.startswith(_LABEL) and requirement.operator == "In" and len(requirement.values) == 1
    ]
    selector = f"{asked.series}{{{','.join(matchers)}}}"
    kind = metric_type(asked.series)
    counts = asked.counts if kind is None else kind is MetricType.COUNTER
    return promql.parse(f"rate({selector}[1h])" if counts else selector)
