"""What must hold of the pools of a stack on AKS: what Azure would refuse, minutes after it was asked, or take without a word.

Sources: MicrosoftDocs/azure-aks-docs articles/aks/use-capacity-reservation-groups.md, artifact-streaming.md (a preview, not in the API's
stable versions), use-labels.md (reserved prefix), cluster-configuration (disks), aks-managed-gpu-nodes.md (a preview);
MicrosoftDocs/azure-compute-docs vm-naming-conventions (`r`: RDMA); Azure/aks-rdma-infiniband; kubernetes/autoscaler
cluster-autoscaler/cloudprovider/azure/azure_template.go (what it knows of a node that is not there).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from headroom.catalog.gpu_nodes import NodeKind, SharingMode
from headroom.settings.base import quantity
from headroom.settings.cluster import AksCluster
from headroom.settings.machine import find_machine, is_known
from headroom.settings.platform import GpuOperator
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Pool
from headroom.settings.problems import Path, Problem

_RESERVATION_GROUP = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Compute/capacityReservationGroups/[^/]+", re.IGNORECASE
)
_INFINIBAND = re.compile(r"Standard_ND[0-9]+[a-z]*r_\w+")
_RESERVED_PREFIX = "kubernetes.azure.com/"
_LARGEST_DISK = 2048


def aks_needs(cluster: Any, operator: GpuOperator, pools: Mapping[str, Pool]) -> Iterator[Problem]:
    """`pools` are the valid ones, on whatever cluster."""
    if not isinstance(cluster, AksCluster):
        return
    if operator.nodes is NodeKind.MANAGED and pools:
        yield Problem(
            ("platform", "gpuOperator", "nodes"),
            "AKS-managed GPU nodes are a preview, which Pulumi's provider does not know and AKS does not scale: set preinstalled or "
            "driverless",
        )
    for name, pool in pools.items():
        path = ("pools", name)
        yield from _place(path, pool)
        yield from _nodes(path, pool)
        yield from _from_zero(path, pool, operator)


def _place(path: Path, pool: Pool) -> Iterator[Problem]:
    if pool.reservation and not _RESERVATION_GROUP.fullmatch(pool.reservation):
        yield Problem(
            (*path, "reservation"),
            "must be the id of a capacity reservation group: /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/"
            "capacityReservationGroups/NAME",
        )
    for index, zone in enumerate(pool.zones):
        if zone not in ("1", "2", "3"):
            yield Problem((*path, "zones", index), 'is no zone of Azure: the zones of a region are "1", "2" and "3"')


def _nodes(path: Path, pool: Pool) -> Iterator[Problem]:
    if quantity(pool.disk.size) > _LARGEST_DISK * 2**30:
        yield Problem((*path, "disk", "size"), f"must be at most {_LARGEST_DISK}Gi: AKS makes no larger disk for a node's system")
    if pool.image_streaming:
        yield Problem(
            (*path, "imageStreaming"),
            "is a preview on AKS, and of Azure's own registry alone: leave it out, and set disk: {fast: true} where the machine has a "
            "local disk",
        )
    if pool.interconnect and is_known(pool.machine) and not _INFINIBAND.fullmatch(find_machine(pool.machine).name):
        yield Problem(
            (*path, "interconnect"),
            "the machine has no InfiniBand: those that have are called Standard_ND…r…, such as Standard_ND96isr_H100_v5",
        )
    for key in pool.labels:
        if key.startswith(_RESERVED_PREFIX):
            yield Problem((*path, "labels", key), "is a name of AKS's own: choose another")


def _from_zero(path: Path, pool: Pool, operator: GpuOperator) -> Iterator[Problem]:
    """Of a node that is not there AKS's autoscaler knows `nvidia.com/gpu` by the machine type, and no other name of a GPU."""
    if pool.min:
        return
    if pool.sharing.renamed:
        yield Problem(
            (*path, "min"),
            "must be 1 or more: AKS's autoscaler does not know nvidia.com/gpu.shared of a node that is not there, and brings none; or "
            "leave sharing.renamed out",
        )
    if pool.sharing.mode is SharingMode.MIG and operator.mig_strategy is MigStrategy.MIXED:
        yield Problem(
            (*path, "min"),
            "must be 1 or more: AKS's autoscaler does not know parts of GPUs of a node that is not there, and brings none; or set "
            "platform.gpuOperator.migStrategy: single, where a part is called nvidia.com/gpu",
        )
