"""A warm pool: placeholder pods that keep room for further replicas, so that a node is ready before a replica needs it.

A placeholder is as large as the largest replica of its pool and does nothing. Its priority is below zero: a replica that finds no room
takes a placeholder's at once, the placeholder waits, and because it waits the cluster's autoscaler brings the next node.

Sources: https://kubernetes.io/docs/tasks/administer-cluster/node-overprovisioning/; kubernetes/autoscaler cluster-autoscaler/FAQ.md
("How can I configure overprovisioning"): pods below priority -10 are expendable, and no node is brought for them.
"""

from __future__ import annotations

from headroom.catalog.names import (
    APP_INSTANCE,
    APP_MANAGED_BY,
    APP_NAME,
    MANAGER,
    PLACEHOLDER_ROLE,
    POOL_NODE_LABEL,
    placeholder,
    placeholder_priority,
)
from headroom.desired.gpus import Gpus
from headroom.desired.objects import Object, obj
from headroom.settings.capacity import Room

PRIORITY = -10
"""The lowest for which cluster-autoscaler still brings nodes, and below the 0 of every pod that names no class."""

IMAGE = "registry.k8s.io/pause:3.10.1"
_NOBODY = 65535


def priority_class(namespace: str) -> Object:
    """The class of a stack's placeholders. They themselves push nobody aside."""
    return obj(
        "scheduling.k8s.io/v1",
        "PriorityClass",
        placeholder_priority(namespace),
        labels={APP_MANAGED_BY: MANAGER},
        value=PRIORITY,
        globalDefault=False,
        preemptionPolicy="Never",
        description="placeholders that keep room for replicas and give way to them",
    )


def placeholders(pool: str, namespace: str, count: int, room: Room, gpus: Gpus) -> Object:
    """`count` pods that hold `room` each on the nodes of `pool`."""
    selector = {APP_NAME: PLACEHOLDER_ROLE, APP_INSTANCE: pool}
    labels = {**selector, APP_MANAGED_BY: MANAGER}
    deployment = obj(
        "apps/v1",
        "Deployment",
        placeholder(pool),
        namespace=namespace,
        labels=labels,
        spec={
            "replicas": count,
            "selector": {"matchLabels": selector},
            # Placeholders of another size need the room of the present ones.
            "strategy": {"type": "Recreate"},
            "revisionHistoryLimit": 0,
            "template": {"metadata": {"labels": labels}, "spec": _pod(pool, namespace, room, gpus)},
        },
    )
    # Placeholders that wait for a node are as it should be.
    deployment["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    return deployment


def _pod(pool: str, namespace: str, room: Room, gpus: Gpus) -> Object:
    held = {gpus.resource: str(room.gpus)}
    return {
        "priorityClassName": placeholder_priority(namespace),
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "nodeSelector": {POOL_NODE_LABEL: pool},
        "tolerations": list(gpus.tolerations),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _NOBODY,
            "runAsGroup": _NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "placeholder",
                "image": IMAGE,
                "resources": {"requests": {"cpu": room.cpu, "memory": room.memory, **held}, "limits": held},
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            }
        ],
    }
