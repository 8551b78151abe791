"""PodMonitors and ServiceMonitors: of the Prometheus operator, of Azure's managed Prometheus, in the values of kube-prometheus-stack."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document, ObjectRef
from headroom.wiring.facts import Endpoint, Monitor
from headroom.wiring.readers.parts.relabeling import relabelings
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.relabeling import sanitised
from headroom.wiring.selectors import Labels, LabelSelector
from headroom.wiring.values import Unknown, default

_GROUPS = ("monitoring.coreos.com", "azmonitoring.coreos.com")
"""The operator's own, and that of Azure's managed Prometheus, which takes every monitor:
https://learn.microsoft.com/azure/azure-monitor/containers/prometheus-metrics-scrape-crd
"""
KINDS = {(group, kind) for group in _GROUPS for kind in ("PodMonitor", "ServiceMonitor")}


def read(document: Document) -> Iterator[Monitor]:
    root = Cursor.of(document)
    yield _monitor(document.ref, root["spec"], root["metadata"]["name"], root["metadata"]["labels"].labels())


def read_values(document: Document) -> Iterator[Monitor]:
    """The monitors that the values of kube-prometheus-stack list; the chart labels them with its release."""
    prometheus = Cursor.of(document)["prometheus"]
    release = document.release or Unknown("the name of the Helm release is not in its values")
    for key, kind in (("additionalPodMonitors", "PodMonitor"), ("additionalServiceMonitors", "ServiceMonitor")):
        for entry in prometheus[key].items():
            ref = ObjectRef("monitoring.coreos.com/v1", kind, "", str(default(entry["name"].text(), "(known later)")))
            added = entry["additionalLabels"].labels()
            yield _monitor(ref, entry, entry["name"], added if isinstance(added, Unknown) else {"release": release, **added})


def _monitor(ref: ObjectRef, spec: Cursor, name: Cursor, labels: Labels) -> Monitor:
    endpoints = spec["podMetricsEndpoints"] if ref.kind == "PodMonitor" else spec["endpoints"]
    copied = (*spec["podTargetLabels"].texts(), *spec["targetLabels"].texts())
    return Monitor(
        ref=ref,
        place=name.place,
        labels=labels,
        selector=label_selector(spec["selector"]) or LabelSelector(),
        namespaces=_namespaces(spec["namespaceSelector"], ref.namespace),
        endpoints=tuple(_endpoint(cursor) for cursor in endpoints.items()),
        job_label=spec["jobLabel"].exists,
        copied_labels=frozenset(sanitised(label) for label in copied if isinstance(label, str)),
    )


def _namespaces(selector: Cursor, own: str) -> tuple[str, ...] | Unknown | None:
    any_namespace = selector["any"].flag()
    if any_namespace is True:
        return None
    if isinstance(any_namespace, Unknown):
        return any_namespace
    named = selector["matchNames"].texts()
    hole = next((name for name in named if isinstance(name, Unknown)), None)
    if hole is not None:
        return hole
    return tuple(name for name in named if isinstance(name, str)) or (own,)


def _endpoint(cursor: Cursor) -> Endpoint:
    numbers = (cursor["portNumber"].count(), cursor["targetPort"].text_or_number())
    return Endpoint(
        # A number is no name, and the API server refuses it: as a name it is one that no port has.
        port=str(port) if isinstance(port := cursor["port"].text_or_number(), int) else port,
        number=next((number for number in numbers if number is not None), None),
        path=default(cursor["path"].text(), "/metrics"),
        interval=cursor["interval"].duration(),
        timeout=cursor["scrapeTimeout"].duration(),
        honors_labels=default(cursor["honorLabels"].flag(), False),
        relabelings=relabelings(cursor["relabelings"]),
        metric_relabelings=relabelings(cursor["metricRelabelings"]),
        place=cursor.place,
    )
