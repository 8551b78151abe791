"""How a pod comes to its GPUs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from headroom.catalog.distributions import Distribution
from headroom.catalog.efa import EFA_RESOURCE, HUGE_PAGES_RESOURCE
from headroom.catalog.gpu_nodes import NodeKind, gpu_nodes
from headroom.catalog.names import GPU_RESOURCE
from headroom.desired.objects import Object
from headroom.settings.devices import devices
from headroom.settings.fabric import fabric
from headroom.settings.pool import Pool
from headroom.settings.server import Server
from headroom.settings.stack import Stack


@dataclass(frozen=True)
class Gpus:
    """What a pod asks for, and what it puts up with, to run on the GPU nodes of a stack."""

    resource: str
    """The extended resource that a GPU, or a part or share of one, is counted as."""
    tolerations: tuple[Object, ...]
    labelled: bool
    """Whether the nodes say which product their GPUs are: GPU Feature Discovery does, and a cloud's own GPU stack has none."""
    fabric: Mapping[str, str] = field(default_factory=dict)
    """What a pod that serves asks for beside them, to reach the others of its group by the pool's own network."""


def tolerations(on: Distribution, pools: Iterable[Pool]) -> tuple[Object, ...]:
    """What lets a pod onto the GPU nodes of a kind of cluster, those of `pools` among them."""
    of_cloud = [(taint["key"], taint["effect"]) for taint in on.gpu_taints]
    of_pools = [(taint.key, taint.effect) for pool in pools for taint in pool.taints]
    return tuple({"key": key, "operator": "Exists", "effect": effect} for key, effect in dict.fromkeys([*of_cloud, *of_pools]))


def gpus(stack: Stack, pool: str | None) -> Gpus:
    """For the nodes of a pool, or for any of the cluster's where None."""
    strategy = stack.platform.gpu_operator.mig_strategy
    return Gpus(
        resource=devices(stack.pools[pool], strategy).resource if pool else GPU_RESOURCE,
        tolerations=tolerations(stack.cluster.runs_on, [stack.pools[pool]] if pool else stack.pools.values()),
        labelled=gpu_nodes(stack.cluster.runs_on.name, stack.platform.gpu_operator.nodes).name is not NodeKind.MANAGED,
    )


def gpus_of(stack: Stack, server: Server) -> Gpus:
    """For the pods of a server."""
    found = fabric(server, stack.pools[server.pool]) if server.pool else None
    asked = {EFA_RESOURCE: str(found.adapters), HUGE_PAGES_RESOURCE: f"{found.huge_pages_mib}Mi"} if found else {}
    return replace(gpus(stack, server.pool), fabric=asked)
