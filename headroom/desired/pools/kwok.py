"""GPU nodes of the sandbox, as its KWOK plays them."""

from __future__ import annotations

from headroom.catalog.efa import EFA_RESOURCE, HUGE_PAGES_RESOURCE
from headroom.catalog.names import (
    APP_MANAGED_BY,
    GPU_PRESENT_LABEL,
    GPU_PRODUCT_LABEL,
    GPU_REPLICAS_LABEL,
    GPU_SHARING_LABEL,
    GPU_TAINT,
    MANAGER,
    POOL_NODE_LABEL,
    node_name,
)
from headroom.desired.objects import Object, obj
from headroom.desired.pools.nodes import sharing_labels
from headroom.settings.devices import devices
from headroom.settings.fabric import adapters_per_node, set_apart_mib
from headroom.settings.machine import find_machine
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Pool
from headroom.settings.sharing import Sharing

KWOK_ANNOTATION = {"kwok.x-k8s.io/node": "fake"}
"""Tells KWOK, and everybody who looks, that no machine is behind the node (https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/)."""


def kwok_nodes(stack: str, name: str, pool: Pool, strategy: MigStrategy, *, scaled: bool) -> tuple[Object, ...]:
    """As many nodes as the pool may have, or of one that is `scaled` by a node autoscaler as it always has.

    Each has its machine's shape, and is labelled and tainted as a cloud's pool is.

    Stacks share the sandbox, and may call their pools alike: a node's name begins with its stack's.
    """
    machine, gpus = find_machine(pool.machine), devices(pool, strategy)
    shape = {"cpu": str(machine.vcpus), "memory": f"{machine.memory_gib:g}Gi", "pods": "110", gpus.resource: str(gpus.count)}
    if adapters := adapters_per_node(pool):
        shape |= {EFA_RESOURCE: str(adapters), HUGE_PAGES_RESOURCE: f"{set_apart_mib(pool)}Mi"}
    labels = {
        **pool.labels,
        APP_MANAGED_BY: MANAGER,
        POOL_NODE_LABEL: name,
        GPU_PRESENT_LABEL: "true",
        GPU_PRODUCT_LABEL: gpus.product,
        **_sharing(pool.sharing),
        "node.kubernetes.io/instance-type": machine.name,
    }
    taints = [GPU_TAINT, *(taint.model_dump() for taint in pool.taints)]
    return tuple(_node(node_name(stack, name, index), labels, taints, shape) for index in range(pool.min if scaled else pool.max))


def _sharing(sharing: Sharing) -> dict[str, str]:
    """What a shared node is told by its pool, and what GPU Feature Discovery then says of it."""
    found = {GPU_REPLICAS_LABEL: str(sharing.replicas), GPU_SHARING_LABEL: str(sharing.mode)} if sharing.replicas else {}
    return {**sharing_labels(sharing), **found}


def _node(name: str, labels: dict[str, str], taints: list[Object], shape: dict[str, str]) -> Object:
    node = obj("v1", "Node", name, labels={**labels, "kubernetes.io/hostname": name}, spec={"taints": taints})
    node["metadata"]["annotations"] = KWOK_ANNOTATION
    node["status"] = {"capacity": shape, "allocatable": shape}
    return node
