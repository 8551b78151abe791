"""What must hold of the GPUs of a stack: who makes them known to the scheduler, and how the pods of a pool share them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headroom.catalog.distributions import Distribution
from headroom.catalog.gpu_nodes import GPU_NODES, GpuNodes, NodeKind, SharingMode, gpu_nodes
from headroom.settings.machine import find_machine, is_known, whole_ones
from headroom.settings.platform import GpuOperator, Mode
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Pool
from headroom.settings.problems import Path, Problem
from headroom.settings.server import Server

_OPERATOR: Path = ("platform", "gpuOperator")


def gpus(operator: GpuOperator, on: Distribution, pools: Mapping[str, Pool], servers: Mapping[str, Server]) -> Iterator[Problem]:
    """`pools` and `servers` are the valid ones; machines that the catalogue does not know are left to others."""
    if operator.mode is Mode.NONE and servers:
        yield Problem(
            _OPERATOR,
            "servers ask for GPUs, which nobody makes known to the scheduler: set existing where the cluster or its cloud does it, or helm",
        )
    if operator.nodes and operator.nodes not in GPU_NODES[on.name]:
        kinds = "; ".join(f"{nodes.name} ({nodes.title})" for nodes in GPU_NODES[on.name].values())
        yield Problem((*_OPERATOR, "nodes"), f"is not how GPU nodes come on {on.title}; allowed: {kinds}")
        return
    nodes = gpu_nodes(on.name, operator.nodes)
    if operator.mode is Mode.HELM and nodes.instead:
        yield Problem(_OPERATOR, nodes.instead)
    if operator.mig_strategy is MigStrategy.MIXED and not nodes.mixes:
        yield Problem(
            (*_OPERATOR, "migStrategy"),
            f"the device plugin of {nodes.name} nodes on {on.title} knows single only: set it to single, or nodes to what they are",
        )
    for name, pool in pools.items():
        if is_known(pool.machine):
            yield from _shared(("pools", name, "sharing"), pool, nodes, on)
    for name, server in servers.items():
        if server.pool is not None and server.pool in pools:
            yield from _alone(("servers", name), server, pools[server.pool])
        if server.pool is None and server.gpu_products and nodes.name is NodeKind.MANAGED:
            yield Problem(
                ("servers", name, "gpuProducts"),
                f"{nodes.name} nodes on {on.title} have no label that says it (GPU Feature Discovery's), so no node would fit: describe "
                "them as a pool, and name the pool",
            )


def _shared(path: Path, pool: Pool, nodes: GpuNodes, on: Distribution) -> Iterator[Problem]:
    sharing, machine = pool.sharing, find_machine(pool.machine)
    if sharing.mode not in nodes.shares:
        allowed = ", ".join(nodes.shares)
        yield Problem((*path, "mode"), f"{nodes.name} nodes on {on.title} cannot be told to share GPUs so; allowed: {allowed}")
        return
    if sharing.renamed and not nodes.renames:
        yield Problem((*path, "renamed"), f"{nodes.name} nodes on {on.title} call a share nvidia.com/gpu: leave renamed out")
    if sharing.mode is not SharingMode.MIG:
        return
    profiles = machine.mig
    if not profiles:
        able = ", ".join(name for name, known in whole_ones(on.cloud).items() if known.mig)
        yield Problem(
            (*path, "mode"),
            f"a {machine.name} has {machine.gpu}, which cannot be cut into parts (MIG); allowed: "
            f"{', '.join(mode for mode in nodes.shares if mode is not SharingMode.MIG)}; machines that can: {able}",
        )
    elif sharing.profile not in profiles:
        said = "is required" if sharing.profile is None else f"is not a profile of {machine.gpu}"
        allowed = ", ".join(f"{profile} ({count} per GPU)" for profile, count in profiles.items())
        yield Problem((*path, "profile"), f"{said}; allowed: {allowed}")


def _alone(path: Path, server: Server, pool: Pool) -> Iterator[Problem]:
    """Two shares may be of one GPU, and parts of GPUs do not reach each other: whoever computes on several needs whole ones."""
    if pool.sharing.mode is SharingMode.NONE:
        return
    why = "a replica on several GPUs needs whole ones"
    if server.gpus > 1:
        yield Problem(
            (*path, "gpus"),
            f"must be 1, for the GPUs of pool {server.pool} are shared ({pool.sharing.mode}) and {why}: choose another pool",
        )
    elif server.parallelism.gpus > 1:
        yield Problem(
            (*path, "parallelism"), f"the GPUs of pool {server.pool} are shared ({pool.sharing.mode}) and {why}: choose another pool"
        )
