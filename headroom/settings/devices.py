"""What the scheduler is told of the GPUs of a pool's nodes, whole or shared.

Sources: NVIDIA/k8s-device-plugin v0.20.0 README (resources and counts), internal/lm/resource.go (product labels).
"""

from __future__ import annotations

from dataclasses import dataclass

from headroom.catalog.gpu_nodes import SharingMode
from headroom.catalog.names import GPU_RESOURCE, SHARED_GPU_RESOURCE, mig_resource
from headroom.settings.machine import find_machine
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Pool


@dataclass(frozen=True)
class Devices:
    """The GPUs of one node, as a pod may ask for them."""

    resource: str
    count: int
    product: str
    """The node's label `nvidia.com/gpu.product`."""


def devices_per_node(pool: Pool) -> int:
    """GPUs, parts of GPUs or shares of GPUs that a node has; 0 where its GPUs cannot be shared so."""
    machine, sharing = find_machine(pool.machine), pool.sharing
    if sharing.mode is SharingMode.MIG:
        return machine.gpus * machine.mig.get(sharing.profile or "", 0)
    return machine.gpus * (sharing.replicas or 1)


def devices(pool: Pool, strategy: MigStrategy) -> Devices:
    """The GPUs of a node of a pool whose sharing was judged."""
    product, sharing, count = find_machine(pool.machine).gpu, pool.sharing, devices_per_node(pool)
    if sharing.profile:
        if strategy is MigStrategy.MIXED:
            return Devices(mig_resource(sharing.profile), count, product)
        return Devices(GPU_RESOURCE, count, f"{product}-MIG-{sharing.profile}")
    if sharing.replicas and not sharing.renamed:
        return Devices(GPU_RESOURCE, count, f"{product}-SHARED")
    return Devices(SHARED_GPU_RESOURCE if sharing.renamed else GPU_RESOURCE, count, product)
