"""Everything that makes pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headroom.wiring.document import Cursor, Document, ObjectRef
from headroom.wiring.facts import Workload
from headroom.wiring.readers.parts import live, pod
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.selectors import Labels
from headroom.wiring.values import Unknown, default

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
    made = template(root)
    pod_spec = made["spec"]
    yield Workload(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        pod_labels=pod_labels(document.ref, made.at("metadata", "labels").labels()),
        pod_annotations=made.at("metadata", "annotations").labels(),
        selector=label_selector(spec["selector"]) if document.ref.group == "apps" else None,
        replicas=live.declared_replicas(root),
        replicas_place=spec["replicas"].place,
        containers=pod.containers(pod_spec),
        node_selector=pod_spec["nodeSelector"].labels(),
        tolerations=pod.tolerations(pod_spec),
        grace_seconds=default(pod_spec["terminationGracePeriodSeconds"].count(), _GRACE),
        pods_per_replica=default(spec.at("leaderWorkerTemplate", "size").count(), 1),
    )


def pod_labels(ref: ObjectRef, written: Labels) -> Labels:
    """The template's labels and those that the controller puts on every pod."""
    return written if isinstance(written, Unknown) else {**written, **_controller_labels(ref)}


def _controller_labels(ref: ObjectRef) -> Mapping[str, str | Unknown]:
    """https://lws.sigs.k8s.io/docs/reference/labels-annotations-and-environment-variables/ and
    https://kubernetes.io/docs/reference/labels-annotations-taints/.
    """
    each = Unknown("every pod has its own value")
    if ref.kind == "LeaderWorkerSet":
        prefix = "leaderworkerset.sigs.k8s.io"
        return {f"{prefix}/name": ref.name, f"{prefix}/worker-index": "0", f"{prefix}/group-index": each, f"{prefix}/group-key": each}
    if ref.kind == "StatefulSet":
        return {"statefulset.kubernetes.io/pod-name": each, "apps.kubernetes.io/pod-index": each}
    return {"batch.kubernetes.io/job-name": ref.name, "job-name": ref.name} if ref.kind == "Job" else {}


def template(root: Cursor) -> Cursor:
    """The pod template; of a group, the leader's."""
    if root.document.ref.kind == "Pod":
        return root
    group = root["spec"]["leaderWorkerTemplate"]
    if not group.exists:
        return root["spec"]["template"]
    return group["leaderTemplate"] if group["leaderTemplate"].exists else group["workerTemplate"]
