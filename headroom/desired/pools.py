"""GPU nodes of the sandbox, as its KWOK plays them."""

from __future__ import annotations

from headroom.catalog.machines import machines
from headroom.catalog.names import (
    APP_MANAGED_BY,
    GPU_PRESENT_LABEL,
    GPU_PRODUCT_LABEL,
    GPU_RESOURCE,
    GPU_TAINT,
    MANAGER,
    POOL_NODE_LABEL,
    node_name,
)
from headroom.desired.objects import Object, obj
from headroom.settings.cluster import Pool

KWOK_ANNOTATION = {"kwok.x-k8s.io/node": "fake"}
"""Tells KWOK, and everybody who looks, that no machine is behind the node (https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/)."""


def kwok_nodes(stack: str, name: str, pool: Pool) -> tuple[Object, ...]:
    """As many nodes as the pool may have, each with its machine's shape, labelled and tainted as a cloud's pool is.

    Stacks share the sandbox, and may call their pools alike: a node's name begins with its stack's.
    """
    machine = machines()[pool.machine]
    shape = {"cpu": str(machine.vcpus), "memory": f"{machine.memory_gib}Gi", "pods": "110", GPU_RESOURCE: str(machine.gpus)}
    labels = {
        APP_MANAGED_BY: MANAGER,
        POOL_NODE_LABEL: name,
        GPU_PRESENT_LABEL: "true",
        GPU_PRODUCT_LABEL: machine.gpu,
        "node.kubernetes.io/instance-type": machine.name,
    }
    return tuple(_node(node_name(stack, name, index), labels, shape) for index in range(pool.max))


def _node(name: str, labels: dict[str, str], shape: dict[str, str]) -> Object:
    node = obj("v1", "Node", name, labels={**labels, "kubernetes.io/hostname": name}, spec={"taints": [GPU_TAINT]})
    node["metadata"]["annotations"] = KWOK_ANNOTATION
    node["status"] = {"capacity": shape, "allocatable": shape}
    return node
