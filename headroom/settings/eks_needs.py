"""What must hold of the pools of a stack on EKS: what AWS would refuse, minutes after it was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headroom.catalog.efa import EFAS
from headroom.catalog.gpu_nodes import GPU_NODES, NodeKind, gpu_nodes
from headroom.settings.cluster import EksCluster, KwokCluster
from headroom.settings.machine import find_machine, is_known
from headroom.settings.platform import GpuOperator
from headroom.settings.pool import Capacity, Pool
from headroom.settings.problems import Path, Problem


def eks_needs(cluster: Any, operator: GpuOperator, pools: Mapping[str, Pool]) -> Iterator[Problem]:
    """`pools` are the valid ones, on whatever cluster."""
    if not isinstance(cluster, EksCluster):
        for name, pool in pools.items():
            # The sandbox plays every cloud's pools.
            if pool.eks is not None and not isinstance(cluster, KwokCluster):
                yield Problem(("pools", name, "eks"), "is of pools on EKS: leave it out, or set cluster.provider: eks")
        return
    yield from _cluster(cluster)
    kinds = GPU_NODES[cluster.runs_on.name]
    kind = gpu_nodes(cluster.runs_on.name, operator.nodes).name if operator.nodes in (None, *kinds) else None
    if kind is NodeKind.DRIVERLESS and pools:
        yield Problem(
            ("platform", "gpuOperator", "nodes"),
            "node groups of EKS have images of its own, which have a driver: set preinstalled or bottlerocket, or leave it out",
        )
    for name, pool in pools.items():
        yield from _pool(("pools", name), pool, cluster)


def _cluster(cluster: EksCluster) -> Iterator[Problem]:
    if cluster.create is None:
        return
    if cluster.subnets:
        yield Problem(("cluster", "subnets"), "are of a cluster that is there already: leave them out, for create makes its own")
    yield from _zones(("cluster", "create", "zones"), cluster.create.zones, cluster)


def _zones(path: Path, zones: tuple[str, ...], cluster: EksCluster) -> Iterator[Problem]:
    for index, zone in enumerate(zones):
        if zone[:-1] != cluster.region:
            yield Problem((*path, index), f"is no zone of the cluster's region: name zones such as {cluster.region}a")


def _pool(path: Path, pool: Pool, cluster: EksCluster) -> Iterator[Problem]:
    yield from _zones((*path, "zones"), pool.zones, cluster)
    if cluster.create is not None and pool.zones:
        if not cluster.create.zones:
            yield Problem((*path, "zones"), "are chosen among cluster.create.zones: name those there too")
        for index, zone in enumerate(pool.zones):
            if cluster.create.zones and zone not in cluster.create.zones:
                yield Problem((*path, "zones", index), f"is not a zone of the cluster; its zones: {', '.join(cluster.create.zones)}")
    if pool.image_streaming:
        yield Problem(
            (*path, "imageStreaming"), "is not known to EKS: leave it out, and set disk.fast, with which images are fetched in parallel"
        )
    if pool.reservation and not pool.reservation.startswith(("cr-", "arn:aws")):
        yield Problem((*path, "reservation"), "is the id of a Capacity Reservation (cr-…), or the ARN of a resource group of such")
    if pool.eks is not None and pool.eks.capacity_block and pool.capacity is not Capacity.RESERVED:
        yield Problem((*path, "eks", "capacityBlock"), "is of capacity reserved: set it, and reservation, or leave capacityBlock out")
    if pool.capacity is Capacity.RESERVED and len(pool.zones) != 1:
        yield Problem((*path, "zones"), "a reservation is in one zone: name that zone, for nodes asked for in another one never come")
    if pool.interconnect:
        yield from _interconnect(path, pool)


def _interconnect(path: Path, pool: Pool) -> Iterator[Problem]:
    if len(pool.zones) != 1:
        yield Problem((*path, "zones"), "Elastic Fabric Adapters do not reach from zone to zone: name one zone")
    if is_known(pool.machine) and find_machine(pool.machine).name not in EFAS:
        able = ", ".join(sorted(EFAS))
        yield Problem((*path, "interconnect"), f"the machine is not known to have an Elastic Fabric Adapter; machines that have: {able}")
