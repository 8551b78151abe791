"""How a pod comes to its GPUs."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.catalog.distributions import Distribution
from headroom.catalog.gpu_nodes import NodeKind, gpu_nodes
from headroom.catalog.names import GPU_RESOURCE
from headroom.desired.objects import Object
from headroom.settings.devices import devices
from headroom.settings.stack import Stack


@dataclass(frozen=True)
class Gpus:
    """What a pod asks for, and what it puts up with, to run on the GPU nodes of a stack."""

    resource: str
    """The extended resource that a GPU, or a part or share of one, is counted as."""
    tolerations: tuple[Object, ...]
    labelled: bool
    """Whether the nodes say which product their GPUs are: GPU Feature Discovery does, and a cloud's own GPU stack has none."""


def tolerations(on: Distribution) -> tuple[Object, ...]:
    """What lets a pod onto the GPU nodes of a kind of cluster."""
    return tuple({"key": taint["key"], "operator": "Exists", "effect": taint["effect"]} for taint in on.gpu_taints)


def gpus(stack: Stack, pool: str | None) -> Gpus:
    """For the nodes of a pool, or for any of the cluster's where None."""
    strategy = stack.platform.gpu_operator.mig_strategy
    return Gpus(
        resource=devices(stack.pools[pool], strategy).resource if pool else GPU_RESOURCE,
        tolerations=tolerations(stack.cluster.runs_on),
        labelled=gpu_nodes(stack.cluster.runs_on.name, stack.platform.gpu_operator.nodes).name is not NodeKind.MANAGED,
    )
