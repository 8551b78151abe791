"""Agent pools: a stack's pools as Azure AKS is asked for them.

Sources: MicrosoftDocs/azure-aks-docs articles/aks/spot-node-pool.md (what cannot be changed, label and taint, no surge),
gpu-multi-instance.md (profiles), use-nvidia-gpu.md and nvidia-gpu-operator.md (who installs the driver),
use-capacity-reservation-groups.md, upgrade-aks-node-pools-rolling.md (surge, drain); the API's own description in
`pulumi_azure_native.containerservice`; kubernetes/autoscaler cluster-autoscaler/expander/priority/readme.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

import yaml

from headroom.catalog.distributions import AKS_SPOT_TAINT
from headroom.catalog.gpu_nodes import GpuNodes, Operand, gpu_nodes
from headroom.catalog.names import APP_MANAGED_BY, GPU_TAINT, MANAGER, POOL_NODE_LABEL
from headroom.desired.objects import Object, obj
from headroom.desired.pools.group import NodeGroup
from headroom.desired.pools.naming import group_name
from headroom.desired.pools.nodes import sharing_labels
from headroom.settings.base import quantity
from headroom.settings.machine import find_machine
from headroom.settings.pool import Capacity, Pool
from headroom.settings.stack import Stack

LONGEST_NAME = 12
"""Lower-case letters and digits, the first of them a letter: `^[a-z][a-z0-9]{0,11}$` (learn.microsoft.com/rest/api/aks/agent-pools)."""
_HASH_DIGITS = 5
_DRAIN_MINUTES = 30
"""How long AKS waits for a node to drain unless told otherwise."""
_LONGEST_DRAIN_MINUTES = 24 * 60
_EXPANDER = "cluster-autoscaler-priority-expander"
_PRIORITIES = {False: 10, True: 50}
"""Of pools by whether they are of spot nodes: the highest wins."""
_AKS_CUTS = {"1g": 7, "2g": 3, "3g": 2, "4g": 1, "7g": 1}
"""Instances per GPU of the profiles that AKS knows: MIG1g cuts an A100 into seven, and nothing stands for four of 1g.20gb."""


@dataclass(frozen=True)
class AgentPool(NodeGroup):
    """Nodes of one machine type of an AKS cluster."""

    spot: bool
    arguments: Mapping[str, Any]
    """Of `azure_native.containerservice.AgentPool`, but for its name, its cluster and its subnet. `count` belongs to the autoscaler."""


def agent_pools(stack: Stack) -> tuple[AgentPool, ...]:
    """The agent pools of a stack, in the order of its pools; the on-demand nodes that a pool falls back to follow its spot nodes."""
    nodes = gpu_nodes(stack.cluster.runs_on.name, stack.platform.gpu_operator.nodes)
    return tuple(group for name, pool in stack.pools.items() for group in _of_pool(name, pool, nodes, _drain_minutes(stack, name)))


def falls_back(pools: tuple[AgentPool, ...]) -> bool:
    """Whether a pod may come to the spot nodes or to the on-demand nodes of one pool."""
    return any(first.pool == second.pool for first, second in pairwise(pools))


def expander(stack: Stack) -> dict[str, Object]:
    """By role, what tells the node autoscaler to try spot nodes before the on-demand nodes that a pool falls back to.

    It knows node groups by the names of their scale sets, `aks-<agent pool>-<number>-vmss`. Where none of those that would do is named
    here, it chooses at random.
    """
    pools = agent_pools(stack)
    if not falls_back(pools):
        return {}
    priorities = {priority: [f"^aks-{pool.name}-.*" for pool in pools if pool.spot is spot] for spot, priority in _PRIORITIES.items()}
    data = {"priorities": yaml.safe_dump(priorities)}
    return {"node-priorities": obj("v1", "ConfigMap", _EXPANDER, namespace="kube-system", labels={APP_MANAGED_BY: MANAGER}, data=data)}


def _of_pool(name: str, pool: Pool, nodes: GpuNodes, drain: int) -> Iterator[AgentPool]:
    spot = pool.capacity is Capacity.SPOT
    yield _agent_pool(name, name, pool, nodes, drain, spot=spot, least=pool.min)
    if pool.fallback:
        yield _agent_pool(name, f"{name}-fallback", pool, nodes, drain, spot=False, least=0)


def _agent_pool(name: str, role: str, pool: Pool, nodes: GpuNodes, drain: int, *, spot: bool, least: int) -> AgentPool:
    fixed = _fixed(pool, nodes, spot=spot)
    replacing = {"role": role, "sharing": pool.sharing.model_dump(mode="json"), **fixed}
    return AgentPool(
        pool=name,
        role=role,
        name=group_name(name, replacing, longest=LONGEST_NAME, digits=_HASH_DIGITS, separator=""),
        delete_first=pool.capacity is Capacity.RESERVED,
        spot=spot,
        arguments={
            **fixed,
            "mode": "User",
            "enable_auto_scaling": True,
            "min_count": least,
            "max_count": pool.max,
            "count": least,
            "node_labels": _labels(name, pool, spot=spot),
            "node_taints": _taints(pool, spot=spot),
            # There are no surge nodes for spot nodes, and AKS evicts without a drain.
            **({} if spot else {"upgrade_settings": _upgrade(pool.surges, drain)}),
        },
    )


def _fixed(pool: Pool, nodes: GpuNodes, *, spot: bool) -> dict[str, Any]:
    """What AKS never changes of an agent pool that is there."""
    brings_driver = Operand.DRIVER in nodes.brings
    cut = _aks_profile(pool) if brings_driver else None
    return {
        # Without its type, AKS wants a count of a pool whose count is the autoscaler's (pulumi/pulumi-azure-native issue 2943).
        "type": "VirtualMachineScaleSets",
        "os_type": "Linux",
        "os_sku": "Ubuntu",
        "vm_size": find_machine(pool.machine).name,
        "os_disk_type": "Ephemeral" if pool.disk.fast else "Managed",
        "os_disk_size_gb": ceil(quantity(pool.disk.size) / 2**30),
        "gpu_profile": {"driver": "Install" if brings_driver else "None"},
        **({"gpu_instance_profile": cut} if cut else {}),
        **({"availability_zones": list(pool.zones)} if pool.zones else {}),
        **({"capacity_reservation_group_id": pool.reservation} if pool.reservation else {}),
        # A price of -1 is that of on-demand at most: nodes are never taken for their price.
        **({"scale_set_priority": "Spot", "scale_set_eviction_policy": "Delete", "spot_max_price": -1.0} if spot else {}),
    }


def _aks_profile(pool: Pool) -> str | None:
    """What AKS itself cuts the GPUs into before a node joins; None where it does not know the profile, which is the MIG manager's then."""
    if not pool.sharing.profile:
        return None
    slices = pool.sharing.profile.split(".")[0]
    known = find_machine(pool.machine).mig.get(pool.sharing.profile) == _AKS_CUTS.get(slices)
    return f"MIG{slices}" if known else None


def _labels(name: str, pool: Pool, *, spot: bool) -> dict[str, str]:
    # AKS puts the label and the taint of spot nodes there itself: undeclared they would be removed again.
    return {
        **pool.labels,
        POOL_NODE_LABEL: name,
        **sharing_labels(pool.sharing),
        **({AKS_SPOT_TAINT["key"]: AKS_SPOT_TAINT["value"]} if spot else {}),
    }


def _taints(pool: Pool, *, spot: bool) -> list[str]:
    own = [GPU_TAINT, *([AKS_SPOT_TAINT] if spot else [])]
    return [f"{taint['key']}={taint['value']}:{taint['effect']}" for taint in (*own, *(taint.model_dump() for taint in pool.taints))]


def _upgrade(surge: int, drain: int) -> dict[str, Any]:
    # A node more, or a node less: AKS refuses neither.
    nodes = {"max_surge": str(surge)} if surge else {"max_surge": "0", "max_unavailable": "1"}
    return {**nodes, "drain_timeout_in_minutes": drain}


def _drain_minutes(stack: Stack, pool: str) -> int:
    """Long enough for the longest stream of the pool's servers, or the upgrade fails."""
    longest = max((server.drain for server in stack.servers.values() if server.pool in (pool, None)), default=0)
    return min(max(_DRAIN_MINUTES, ceil(longest / 60) + 1), _LONGEST_DRAIN_MINUTES)
