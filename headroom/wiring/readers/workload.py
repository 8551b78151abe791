"""Everything that makes pods."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Workload
from headroom.wiring.readers.parts import pod
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.values import default

KINDS = {
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "ReplicaSet"),
    ("apps", "DaemonSet"),
    ("batch", "Job"),
    ("", "Pod"),
    ("argoproj.io", "Rollout"),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"),
}
_GRACE = 30
"""https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"""


def read(document: Document) -> Iterator[Workload]:
    root = Cursor.of(document)
    spec = root["spec"]
    template = _template(root)
    pod_spec = template["spec"]
    affinity = pod_spec.at("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    yield Workload(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        pod_labels=template.at("metadata", "labels").labels(),
        pod_annotations=template.at("metadata", "annotations").labels(),
        selector=label_selector(spec["selector"]) if document.ref.group == "apps" else None,
        replicas=spec["replicas"].count(),
        replicas_place=spec["replicas"].place,
        containers=pod.containers(pod_spec),
        node_selector=pod_spec["nodeSelector"].labels(),
        tolerations=pod.tolerations(pod_spec),
        node_affinity=affinity.exists,
        grace_seconds=default(pod_spec["terminationGracePeriodSeconds"].count(), _GRACE),
        pods_per_replica=default(spec.at("leaderWorkerTemplate", "size").count(), 1),
    )


def _template(root: Cursor) -> Cursor:
    if root.document.ref.kind == "Pod":
        return root
    group = root["spec"]["leaderWorkerTemplate"]
    if not group.exists:
        return root["spec"]["template"]
    return group["leaderTemplate"] if group["leaderTemplate"].exists else group["workerTemplate"]
