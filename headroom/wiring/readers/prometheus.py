"""Which monitors and rules a Prometheus takes: the Prometheus object, and the values of the chart kube-prometheus-stack."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Prometheus, Selection
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.selectors import LabelSelector, equal_to
from headroom.wiring.values import Unknown, default

KINDS = {("monitoring.coreos.com", "Prometheus"), ("monitoring.coreos.com", "PrometheusAgent")}

_SCRAPE_INTERVAL = 30.0
"""The operator's default (prometheus-operator pkg/prometheus/promcfg.go, defaultScrapeInterval)."""


def read(document: Document) -> Iterator[Prometheus]:
    root = Cursor.of(document)
    spec = root["spec"]
    yield Prometheus(
        place=root["metadata"]["name"].place,
        namespace=document.ref.namespace,
        pod_monitors=_selection(spec, "podMonitorSelector", "podMonitorNamespaceSelector"),
        service_monitors=_selection(spec, "serviceMonitorSelector", "serviceMonitorNamespaceSelector"),
        rules=_selection(spec, "ruleSelector", "ruleNamespaceSelector"),
        scrape_interval=default(spec["scrapeInterval"].duration(), _SCRAPE_INTERVAL),
    )


def read_values(document: Document) -> Iterator[Prometheus]:
    root = Cursor.of(document)
    spec = root["prometheus"]["prometheusSpec"]
    if not spec.exists:
        return
    release = document.release or Unknown("the name of the Helm release is not in its values")
    yield Prometheus(
        place=spec.place,
        namespace=default(root["namespaceOverride"].text(), Unknown("the namespace of the Helm release is not in its values")),
        pod_monitors=_chart_selection(spec, "podMonitor", release),
        service_monitors=_chart_selection(spec, "serviceMonitor", release),
        rules=_chart_selection(spec, "rule", release),
        scrape_interval=default(spec["scrapeInterval"].duration(), _SCRAPE_INTERVAL),
    )


def _selection(spec: Cursor, labels: str, namespaces: str) -> Selection:
    return Selection(label_selector(spec[labels]), label_selector(spec[namespaces]))


def _chart_selection(spec: Cursor, stem: str, release: str | Unknown) -> Selection:
    """The chart fills an empty selector with its own release label unless `…NilUsesHelmValues` is false; empty namespaces mean all."""
    selector = label_selector(spec[f"{stem}Selector"])
    uses_release = default(spec[f"{stem}SelectorNilUsesHelmValues"].flag(), True)
    labels: LabelSelector | Unknown = selector or LabelSelector()
    if isinstance(uses_release, Unknown):
        labels = uses_release
    elif not _written(selector):
        labels = equal_to({"release": release}) if uses_release else LabelSelector()
    namespaces = label_selector(spec[f"{stem}NamespaceSelector"])
    return Selection(labels, namespaces if namespaces is not None and _written(namespaces) else LabelSelector())


def _written(selector: LabelSelector | None) -> bool:
    return selector is not None and (bool(selector.requirements) or selector.hole is not None)
