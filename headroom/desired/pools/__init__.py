"""Pools as those are asked for them who make the nodes: KWOK for its nodes, a cloud for groups of machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from headroom.desired.objects import Object
from headroom.desired.pools import aks, eks, gke
from headroom.desired.pools.group import NodeGroup as NodeGroup
from headroom.desired.pools.kwok import kwok_nodes as kwok_nodes
from headroom.settings.stack import Stack

_OF: Mapping[str, Callable[[Stack], tuple[NodeGroup, ...]]] = {"eks": eks.node_groups, "gke": gke.node_pools, "aks": aks.agent_pools}
"""What makes the node groups of a stack, by its cluster's provider."""


def node_groups(stack: Stack) -> tuple[NodeGroup, ...]:
    """The node groups that a cloud is asked for, in the order of the stack's pools; none where the cloud has no part in it."""
    of = _OF.get(stack.cluster.provider)
    return of(stack) if of else ()


def objects(stack: Stack) -> dict[str, Object]:
    """By role, what a cloud's own node autoscaler reads in the cluster."""
    return aks.expander(stack) if stack.cluster.provider == "aks" else {}
