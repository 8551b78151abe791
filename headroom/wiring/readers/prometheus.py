"""Which monitors and rules a Prometheus takes: the Prometheus object, and the values of the chart kube-prometheus-stack."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.addresses import GOVERNING_PORT, Answering
from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Prometheus, Selection
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.selectors import LabelSelector, equal_to
from headroom.wiring.values import Unknown, default

KINDS = {("monitoring.coreos.com", "Prometheus"), ("monitoring.coreos.com", "PrometheusAgent")}

_CHART, _LONGEST = "kube-prometheus-stack", 26
_INTERVAL = 30.0
"""The operator's default, of scrapes and of evaluations (prometheus-operator pkg/apis/monitoring/v1/prometheus_types.go)."""


def read(document: Document) -> Iterator[Prometheus | Answering]:
    root = Cursor.of(document)
    spec = root["spec"]
    yield Answering(
        service=None,
        namespace=document.ref.namespace or Unknown("the Prometheus names no namespace"),
        port=GOVERNING_PORT,
        prefix=_prefix(spec),
        enabled=True,
        place=root["metadata"]["name"].place,
    )
    yield Prometheus(
        place=root["metadata"]["name"].place,
        namespace=document.ref.namespace,
        pod_monitors=_selection(spec, "podMonitorSelector", "podMonitorNamespaceSelector"),
        service_monitors=_selection(spec, "serviceMonitorSelector", "serviceMonitorNamespaceSelector"),
        rules=_selection(spec, "ruleSelector", "ruleNamespaceSelector"),
        scrape_interval=default(spec["scrapeInterval"].duration(), _INTERVAL),
        evaluation_interval=default(spec["evaluationInterval"].duration(), _INTERVAL),
    )


def read_values(document: Document) -> Iterator[Prometheus | Answering]:
    root = Cursor.of(document)
    spec = root["prometheus"]["prometheusSpec"]
    if not spec.exists:
        return
    release = document.release or Unknown("the name of the Helm release is not in its values")
    of_release = document.namespace or Unknown("the namespace of the Helm release is not in its values")
    namespace, enabled = _override(root["namespaceOverride"], of_release), default(root["prometheus"]["enabled"].flag(), True)
    yield Answering(
        service=_service(root, document.release),
        namespace=namespace,
        port=default(root["prometheus"]["service"]["port"].count(), GOVERNING_PORT),
        prefix=_prefix(spec),
        enabled=enabled,
        place=spec.place,
    )
    if enabled is False:
        return
    yield Prometheus(
        place=spec.place,
        namespace=namespace,
        pod_monitors=_chart_selection(spec, "podMonitor", release),
        service_monitors=_chart_selection(spec, "serviceMonitor", release),
        rules=_chart_selection(spec, "rule", release),
        scrape_interval=default(spec["scrapeInterval"].duration(), _INTERVAL),
        evaluation_interval=default(spec["evaluationInterval"].duration(), _INTERVAL),
        state_metrics=default(root["kubeStateMetrics"]["enabled"].flag(), True) is True,
    )


def _service(root: Cursor, release: str | None) -> str | Unknown:
    """prometheus-community/helm-charts charts/kube-prometheus-stack templates/_helpers.tpl (fullname) and prometheus/service.yaml."""
    override = root["fullnameOverride"].text()
    if isinstance(override, Unknown):
        return override
    named = _override(root["nameOverride"], _CHART)
    if not override and (release is None or isinstance(named, Unknown)):
        return Unknown("the name of the Helm release is not in its values")
    whole = override or (release if str(named) in str(release) else f"{release}-{named}")
    return f"{str(whole)[:_LONGEST].removesuffix('-')}-prometheus"


def _override(written: Cursor, otherwise: str | Unknown) -> str | Unknown:
    """The chart's own values have overrides as empty text."""
    found = written.text()
    return otherwise if found is None or found == "" else found


def _prefix(spec: Cursor) -> str | Unknown:
    prefix = default(spec["routePrefix"].text(), "")
    return prefix if isinstance(prefix, Unknown) else prefix.rstrip("/")


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
