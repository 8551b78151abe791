"""PodMonitors and ServiceMonitors of the Prometheus operator."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document, known
from headroom.wiring.facts import Endpoint, Monitor, NameFilter
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.selectors import LabelSelector
from headroom.wiring.values import Unknown, default

KINDS = {("monitoring.coreos.com", "PodMonitor"), ("monitoring.coreos.com", "ServiceMonitor")}


def read(document: Document) -> Iterator[Monitor]:
    root = Cursor.of(document)
    spec = root["spec"]
    endpoints = spec["podMetricsEndpoints"] if document.ref.kind == "PodMonitor" else spec["endpoints"]
    copied = (*spec["podTargetLabels"].texts(), *spec["targetLabels"].texts())
    yield Monitor(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        labels=root["metadata"]["labels"].labels(),
        selector=label_selector(spec["selector"]) or LabelSelector(),
        namespaces=_namespaces(root),
        endpoints=tuple(_endpoint(cursor) for cursor in endpoints.items()),
        job_label=spec["jobLabel"].exists,
        copied_labels=frozenset(_sanitised(label) for label in copied if isinstance(label, str)),
    )


def _namespaces(root: Cursor) -> tuple[str, ...] | Unknown | None:
    selector = root["spec"]["namespaceSelector"]
    any_namespace = selector["any"].flag()
    if any_namespace is True:
        return None
    if isinstance(any_namespace, Unknown):
        return any_namespace
    named = selector["matchNames"].texts()
    hole = next((name for name in named if isinstance(name, Unknown)), None)
    if hole is not None:
        return hole
    return tuple(name for name in named if isinstance(name, str)) or (root.document.ref.namespace,)


def _endpoint(cursor: Cursor) -> Endpoint:
    relabelings = [*cursor["relabelings"].items(), *cursor["metricRelabelings"].items()]
    numbers = (cursor["portNumber"].count(), cursor["targetPort"].text_or_number())
    return Endpoint(
        port=cursor["port"].text(),
        number=next((number for number in numbers if number is not None), None),
        path=default(cursor["path"].text(), "/metrics"),
        interval=cursor["interval"].duration(),
        timeout=cursor["scrapeTimeout"].duration(),
        name_filters=tuple(found for rule in cursor["metricRelabelings"].items() if (found := _name_filter(rule))),
        added_labels=frozenset(
            label for label in (rule["targetLabel"].raw() for rule in relabelings) if isinstance(label, str) and not label.startswith("__")
        ),
        drops=any(_may_drop(rule) for rule in relabelings),
        place=cursor.place,
    )


def _name_filter(rule: Cursor) -> NameFilter | None:
    action, pattern = rule["action"].raw(), rule["regex"].raw()
    sources = rule["sourceLabels"].texts()
    if not isinstance(action, str) or not isinstance(pattern, str) or sources != ("__name__",) or action.lower() not in ("keep", "drop"):
        return None
    return NameFilter(action.lower() == "keep", pattern, rule.place)


_DROPPING = ("drop", "keep", "dropequal", "keepequal", "labelmap", "labeldrop", "labelkeep")


def _may_drop(rule: Cursor) -> bool:
    action, label = known(rule["action"].value), rule["targetLabel"].raw()
    return isinstance(action, Unknown) or isinstance(label, Unknown) or str(action).lower() in _DROPPING


def _sanitised(label: str) -> str:
    """A Kubernetes label as a Prometheus label: `app.kubernetes.io/name` is `app_kubernetes_io_name`."""
    return "".join(char if char.isalnum() else "_" for char in label)
