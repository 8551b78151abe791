"""PodMonitorings and ClusterPodMonitorings of Google's managed Prometheus, which takes every one of them.

Source: GoogleCloudPlatform/prometheus-engine pkg/operator/apis/monitoring/v1, pod_types.go and pod_config.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Endpoint, Monitor
from headroom.wiring.readers.parts.relabeling import relabelings
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.relabeling import sanitised
from headroom.wiring.selectors import LabelSelector
from headroom.wiring.values import default

KINDS = {("monitoring.googleapis.com", "PodMonitoring"), ("monitoring.googleapis.com", "ClusterPodMonitoring")}

_ALWAYS = frozenset({"project_id", "location", "cluster", "namespace", "job", "instance"})
_BY_DEFAULT = frozenset({"pod", "container", "top_level_controller_name", "top_level_controller_type"})


def read(document: Document) -> Iterator[Monitor]:
    root = Cursor.of(document)
    spec, targets = root["spec"], root["spec"]["targetLabels"]
    metadata = frozenset(label for label in targets["metadata"].texts() if isinstance(label, str))
    copied = [default(entry["to"].text(), entry["from"].text()) for entry in targets["fromPod"].items()]
    yield Monitor(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        labels=root["metadata"]["labels"].labels(),
        selector=label_selector(spec["selector"]) or LabelSelector(),
        namespaces=None if document.ref.kind == "ClusterPodMonitoring" else (document.ref.namespace,),
        endpoints=tuple(_endpoint(cursor) for cursor in spec["endpoints"].items()),
        copied_labels=frozenset(sanitised(label) for label in copied if isinstance(label, str)),
        job_label=False,
        target_labels=_ALWAYS | (metadata if targets["metadata"].exists else _BY_DEFAULT),
    )


def _endpoint(cursor: Cursor) -> Endpoint:
    port = cursor["port"].text_or_number()
    return Endpoint(
        port=None if isinstance(port, int) else port,
        number=port if isinstance(port, int) else None,
        path=default(cursor["path"].text(), "/metrics"),
        interval=cursor["interval"].duration(),
        timeout=cursor["timeout"].duration(),
        honors_labels=False,
        relabelings=(),
        metric_relabelings=relabelings(cursor["metricRelabeling"]),
        place=cursor.place,
    )
