"""Replicas that span several nodes: each is a group of pods, of which the first, its leader, serves and starts the others' processes.

The custom resource is LeaderWorkerSet (https://lws.sigs.k8s.io). Its scale subresource counts groups, and its selector finds leaders only
(kubernetes-sigs/lws api/leaderworkerset/v1): an autoscaler sees one pod for each replica, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from headroom.catalog.engines.model import Engine
from headroom.catalog.engines.needs import Nodes
from headroom.catalog.names import LEADER, WORKER
from headroom.desired.gpus import Gpus
from headroom.desired.objects import Object, obj
from headroom.desired.serving import pod
from headroom.desired.serving.ranks import POD_NAME
from headroom.desired.serving.secrets import Uses
from headroom.desired.serving.storage import config_map, file_key
from headroom.settings.server import Rollout, Server

_LAUNCH = "launch"
_TOPOLOGY = "leaderworkerset.sigs.k8s.io/exclusive-topology"
"""Annotation: the pods of a group are placed where a node label has one value, each group where it has another."""


def leader_worker_set(
    name: str,
    namespace: str,
    labels: dict[str, str],
    engine: Engine,
    server: Server,
    gpus: Gpus,
    nodes: Nodes,
    launch: Object,
    serving: Object,
    given: Mapping[str, Uses],
) -> Object:
    """The groups; `serving` is the spec of a pod that serves, `launch` holds the leader's files.

    Their number is the autoscaler's: `spec.replicas` is never declared.
    """
    together = {"schedulerName": server.parallelism.gang} if server.parallelism.gang else {}
    made = obj(
        "leaderworkerset.x-k8s.io/v1",
        "LeaderWorkerSet",
        name,
        namespace=namespace,
        labels=labels,
        spec={
            # The leader asks for the workers' pods itself, and waits for them inside its start-up budget.
            "startupPolicy": "LeaderCreated",
            "rolloutStrategy": {"type": "RollingUpdate", "rollingUpdateConfiguration": _rollout(server.rollout)},
            "leaderWorkerTemplate": {
                "size": server.parallelism.nodes,
                # The processes of a group compute together or not at all.
                "restartPolicy": "RecreateGroupOnPodRestart",
                "leaderTemplate": {"metadata": {"labels": {**labels, **LEADER}}, "spec": {**_leader(nodes, launch, serving), **together}},
                "workerTemplate": {
                    "metadata": {"labels": {**labels, **WORKER}},
                    "spec": {**_worker(name, engine, server, gpus, nodes, serving, given), **together},
                },
            },
        },
    )
    if server.parallelism.topology:
        made["metadata"]["annotations"] = {_TOPOLOGY: server.parallelism.topology}
    return made


def launch_files(name: str, namespace: str, labels: dict[str, str], nodes: Nodes) -> Object:
    """What only a leader needs, as a ConfigMap."""
    return config_map(f"{name}-{_LAUNCH}", namespace, labels, nodes.files)


def reach(name: str, namespace: str, labels: dict[str, str], server: Server) -> dict[str, Object]:
    """What lets a leader start processes in the workers of its server, and in no other pod: their names are known beforehand."""
    groups, workers = range(server.autoscaling.replicas.max), range(1, server.parallelism.nodes)
    # One group more while a change reaches them.
    names = [f"{name}-{group}-{worker}" for group in (*groups, len(groups)) for worker in workers]
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "resourceNames": names, "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "resourceNames": names, "verbs": ["create"]},
    ]
    role_name = f"{name}-leader"
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role_name}
    return {
        "reach": obj("rbac.authorization.k8s.io/v1", "Role", role_name, namespace=namespace, labels=labels, rules=rules),
        "reach-binding": obj(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            role_name,
            namespace=namespace,
            labels=labels,
            subjects=[subject],
            roleRef=reference,
        ),
    }


def _rollout(rollout: Rollout) -> Object:
    return {"maxSurge": 1, "maxUnavailable": 0} if rollout is Rollout.SURGE else {"maxSurge": 0, "maxUnavailable": 1}


def _leader(nodes: Nodes, launch: Object, serving: Object) -> Object:
    container = serving["containers"][0]
    own_name = {"name": POD_NAME, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    mounts = [{"name": _LAUNCH, "mountPath": path, "subPath": file_key(path), "readOnly": True} for path in nodes.files]
    return {
        **serving,
        # Its account may start processes in its workers.
        "automountServiceAccountToken": True,
        "containers": [{**container, "env": [own_name, *container["env"]], "volumeMounts": [*container["volumeMounts"], *mounts]}],
        "volumes": [*serving["volumes"], {"name": _LAUNCH, "configMap": {"name": launch["metadata"]["name"], "defaultMode": 0o555}}],
    }


def _worker(name: str, engine: Engine, server: Server, gpus: Gpus, nodes: Nodes, serving: Object, given: Mapping[str, Uses]) -> Object:
    serves = serving["containers"][0]
    kept = ("name", "image", "env", "resources", "securityContext", "terminationMessagePolicy", "volumeMounts")
    return {
        **pod.base(name, engine, server, gpus, given),
        "terminationGracePeriodSeconds": serving["terminationGracePeriodSeconds"],
        "containers": [{**{key: serves[key] for key in kept}, "command": list(nodes.worker)}],
        "volumes": serving["volumes"],
    }
