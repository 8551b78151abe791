"""What must hold of the pools of a stack on GKE: what Google would refuse, minutes after it was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headroom.catalog.gke import ACCELERATORS, INTERCONNECTED
from headroom.catalog.gpu_nodes import GPU_NODES, NodeKind, gpu_nodes
from headroom.catalog.machines import Machine
from headroom.settings.cluster import GkeCluster, KwokCluster
from headroom.settings.machine import find_machine, is_known
from headroom.settings.platform import GpuOperator
from headroom.settings.pool import Pool
from headroom.settings.problems import Path, Problem


def gke_needs(cluster: Any, operator: GpuOperator, pools: Mapping[str, Pool]) -> Iterator[Problem]:
    """`pools` are the valid ones, on whatever cluster."""
    if not isinstance(cluster, GkeCluster):
        for name, pool in pools.items():
            # The sandbox plays every cloud's pools.
            if pool.gke is not None and not isinstance(cluster, KwokCluster):
                yield Problem(("pools", name, "gke"), "is of pools on GKE: leave it out, or set cluster.provider: gke")
        return
    yield from _zones(("cluster", "zones"), cluster.zones, cluster)
    known = operator.nodes is None or operator.nodes in GPU_NODES[cluster.runs_on.name]
    driverless = known and gpu_nodes(cluster.runs_on.name, operator.nodes).name is NodeKind.DRIVERLESS
    for name, pool in pools.items():
        yield from _zones(("pools", name, "zones"), pool.zones, cluster)
        yield from _images(("pools", name), pool, driverless=driverless)
        if is_known(pool.machine):
            yield from _machine(("pools", name), pool, find_machine(pool.machine), cluster)


def _zones(path: Path, zones: tuple[str, ...], cluster: GkeCluster) -> Iterator[Problem]:
    for index, zone in enumerate(zones):
        if not zone.startswith(f"{cluster.region}-"):
            yield Problem((*path, index), f"is no zone of the cluster's region: name zones such as {cluster.region}-a")


def _images(path: Path, pool: Pool, *, driverless: bool) -> Iterator[Problem]:
    if pool.image_streaming and driverless:
        yield Problem(
            (*path, "imageStreaming"),
            "GKE streams images to Container-Optimized OS alone, and driverless nodes are Ubuntu: leave it out, or set "
            "platform.gpuOperator.nodes to preinstalled, or to managed with mode existing",
        )
    if pool.gke is not None and pool.gke.image_caches and not pool.image_streaming:
        yield Problem((*path, "gke", "imageCaches"), "are read by image streaming: set imageStreaming: true, or leave them out")


def _machine(path: Path, pool: Pool, machine: Machine, cluster: GkeCluster) -> Iterator[Problem]:
    if machine.gpu not in ACCELERATORS and machine.cloud in (None, "gcp"):
        yield Problem((*path, "machine"), f"has a GPU that Google is not known to have; known: {', '.join(ACCELERATORS)}")
    if not pool.interconnect:
        return
    if machine.name not in INTERCONNECTED:
        able = ", ".join(INTERCONNECTED)
        yield Problem((*path, "interconnect"), f"the machine's GPUs have no network cards of their own; machines that have: {able}")
    if cluster.create is not None and not cluster.create.multi_networking:
        yield Problem(
            (*path, "interconnect"),
            "needs further networks on the nodes: set cluster.create.multiNetworking: true before the cluster is made",
        )
