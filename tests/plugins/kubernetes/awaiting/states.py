"""Objects in the states in which API servers report them."""

from __future__ import annotations

from typing import Any

from headroom.plugins.kubernetes.client import Object


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Object:
    item = {"type": kind, "status": status, "reason": reason, "message": message}
    return {key: value for key, value in item.items() if value}


def obj(api_version: str, kind: str, name: str, *, spec: Any = None, status: Any = None, **metadata: Any) -> Object:
    """Metadata keywords override; `generation`, `uid`, `namespace` have defaults."""
    meta = {"name": name, "namespace": "ns", "uid": f"{kind}-{name}", "resourceVersion": "1", "generation": 1, **metadata}
    return {"apiVersion": api_version, "kind": kind, "metadata": meta, "spec": spec or {}, "status": status or {}}


def owned(child: Object, owner: Object) -> Object:
    child["metadata"]["ownerReferences"] = [{"kind": owner["kind"], "uid": owner["metadata"]["uid"]}]
    return child


AVAILABLE = condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
UNAVAILABLE = condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
ROLLING = condition("Progressing", "True", "ReplicaSetUpdated", 'ReplicaSet "d-2" is progressing.')
ROLLED = condition("Progressing", "True", "NewReplicaSetAvailable", 'ReplicaSet "d-1" has successfully progressed.')
LATE = condition("Progressing", "False", "ProgressDeadlineExceeded", 'ReplicaSet "d-1" has timed out progressing.')


def deployment(
    *conditions: Object, revision: int = 1, generation: int = 1, observed: int | None = None, claims: tuple[str, ...] = ()
) -> Object:
    volumes = [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims]
    return obj(
        "apps/v1",
        "Deployment",
        "d",
        generation=generation,
        annotations={"deployment.kubernetes.io/revision": str(revision)},
        spec={"selector": {"matchLabels": {"app": "x"}}, "template": {"spec": {"volumes": volumes}}},
        status={"observedGeneration": generation if observed is None else observed, "conditions": list(conditions)},
    )


def replica_set(of: Object, *, revision: int = 1, wanted: int = 1, ready: int = 0) -> Object:
    status = {"replicas": wanted} | ({"readyReplicas": ready} if ready else {})
    made = obj("apps/v1", "ReplicaSet", f"d-{revision}", spec={"replicas": wanted}, status=status)
    made["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": str(revision)}
    return owned(made, of)


SCHEDULED = condition("PodScheduled", "True")
UNSCHEDULABLE = condition("PodScheduled", "False", "Unschedulable", "0/1 nodes are available.")
INITIALIZED = condition("Initialized", "True")
READY = condition("Ready", "True")
UNREADY = condition("Ready", "False", "ContainersNotReady", "containers with unready status: [c]")


def pod(*conditions: Object, phase: str = "Pending", containers: tuple[Object, ...] = (), name: str = "p") -> Object:
    return obj("v1", "Pod", name, status={"phase": phase, "conditions": list(conditions), "containerStatuses": list(containers)})


def container(state: Object | None = None, last: Object | None = None) -> Object:
    return {"name": "c", "ready": False, "state": state or {}, "lastState": last or {}}


CRASH_LOOP = container(
    {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}},
    {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": "2026-01-01T00:00:00Z"}},
)


def service(*, selector: bool = True, address: bool = False, **spec: Any) -> Object:
    status = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]} if address else {}}
    return obj("v1", "Service", "s", spec=({"selector": {"app": "x"}} if selector else {}) | spec, status=status)


def endpoint_slice(*ready: bool, service: str = "s", terminating: bool = False) -> Object:
    endpoints = [{"addresses": ["10.0.0.9"], "conditions": {"ready": each, "terminating": terminating}} for each in ready]
    made = obj("discovery.k8s.io/v1", "EndpointSlice", f"{service}-1", labels={"kubernetes.io/service-name": service})
    return made | {"endpoints": endpoints}
