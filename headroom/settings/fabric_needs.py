"""What must hold of servers on several nodes that Elastic Fabric Adapters join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headroom.catalog.distributions import Distribution
from headroom.settings.fabric import adapters_per_node, is_divided
from headroom.settings.machine import find_machine, is_known
from headroom.settings.platform import Mode, Platform
from headroom.settings.pool import Pool
from headroom.settings.problems import Problem
from headroom.settings.server import Server

_EFA = ("platform", "efa")
_BY_A_PLUGIN = ("eks", "eks-auto")


def fabric_needs(on: Distribution, platform: Platform, pools: Mapping[str, Pool], servers: Mapping[str, Server]) -> Iterator[Problem]:
    """`pools` and `servers` are the valid ones of the stack."""
    if platform.efa.mode is Mode.HELM and on.name != "eks":
        yield Problem(_EFA, f"is installed on Amazon EKS alone, and this is {on.title}: set existing, or leave it out")
    joined = {
        name: (server, pools[server.pool])
        for name, server in servers.items()
        if server.parallelism.nodes > 1 and server.pool is not None and server.pool in pools and is_known(pools[server.pool].machine)
    }
    for name, (server, pool) in joined.items():
        if not is_divided(server, pool):
            machine = find_machine(pool.machine)
            yield Problem(
                ("servers", name, "gpus"),
                f"{server.gpus} of the {machine.gpus} GPUs of a {machine.name} have no whole number of its {adapters_per_node(pool)} "
                f"Elastic Fabric Adapters: take all its GPUs, or leave out pools.{server.pool}.interconnect",
            )
    if platform.efa.mode is Mode.NONE and on.name in _BY_A_PLUGIN and any(adapters_per_node(pool) for _, pool in joined.values()):
        yield Problem(
            _EFA,
            "replicas on several nodes ask for Elastic Fabric Adapters, which a device plugin counts, and none is there: say helm, or "
            "existing where the cluster has it",
        )
