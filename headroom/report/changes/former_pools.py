"""The pools that there were, told from what the engine knows of their node groups: the last state has no stack file.

Spellings of the arguments: the providers' own, as the engine shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from headroom.catalog.machines import machines
from headroom.catalog.names import POOL_NODE_LABEL
from headroom.report.changes.model import Op, Step
from headroom.report.changes.stateful import unversioned
from headroom.report.price import PoolPrice
from headroom.settings.pool import Capacity


@dataclass(frozen=True)
class _Nodes:
    """What a step's inputs say of a pool's nodes; None where they do not."""

    machine: str | None
    capacity: Capacity
    min: int | None
    max: int | None


def former_prices(steps: Sequence[Step], now: Sequence[PoolPrice]) -> tuple[PoolPrice, ...] | None:
    """Prices of the pools before the steps; None where one of them cannot be told."""
    rows = {row.pool: row for row in now}
    groups: dict[str, list[tuple[Step, _Nodes]]] = {}
    for step in steps:
        if step.before is not None and (nodes := _read(step.type, step.before)) and (pool := pool_of(step.before)):
            groups.setdefault(pool, []).append((step, nodes))
    found = [_former(pool, parts, rows.get(pool)) for pool, parts in groups.items()]
    whole = tuple(row for row in found if row is not None)
    return whole if len(whole) == len(found) and (found or _says_of_nodes(steps) or not now) else None


def is_group(step: Step) -> bool:
    """Whether a resource is nodes of a pool, as a cloud makes them."""
    return unversioned(step.type) in _GROUPS


def pool_of(value: Any) -> str | None:
    """The pool that nodes are labelled with, wherever a cloud has its labels."""
    if isinstance(value, Mapping):
        own = value.get(POOL_NODE_LABEL)
        if isinstance(own, str):
            return own
        return next((found for entry in value.values() if (found := pool_of(entry))), None)
    return None


def _says_of_nodes(steps: Iterable[Step]) -> bool:
    """Whether nodes are among the steps: pools that are all new were none before."""
    return any(is_group(step) or step.type in (_NODE, _NODE_POOL) for step in steps)


def _former(pool: str, parts: Sequence[tuple[Step, _Nodes]], now: PoolPrice | None) -> PoolPrice | None:
    first = next((nodes for _, nodes in parts if nodes.capacity is Capacity.SPOT), parts[0][1])
    least, most = _sum(nodes.min for _, nodes in parts), _most(parts)
    stays = all(step.op in (Op.SAME, Op.UPDATE) for step, _ in parts)
    if now and stays and first.machine in (None, now.machine):
        warm = now.warm_nodes
        return replace(
            now, min_nodes=max(warm, now.min_nodes if least is None else least), max_nodes=now.max_nodes if most is None else most
        )
    machine = machines().get(first.machine or "")
    if machine is None or most is None:
        return None
    # A reservation is told elsewhere than on the nodes: what is reserved now is taken to have been.
    reserved = now is not None and now.capacity is Capacity.RESERVED and first.capacity is Capacity.ON_DEMAND
    return PoolPrice(
        pool=pool,
        machine=machine.name,
        capacity=Capacity.RESERVED if reserved else first.capacity,
        falls_back=first.capacity is Capacity.SPOT and len(parts) > 1,
        min_nodes=least if least is not None else now.min_nodes if now else 0,
        max_nodes=most,
        warm_nodes=now.warm_nodes if now else 0,
        on_demand=machine.hourly_usd,
        spot=machine.spot_hourly_usd,
        source=", ".join(filter(None, (machine.cloud, machine.price_source))),
        played=any(step.type == _NODE for step, _ in parts),
    )


def _most(parts: Sequence[tuple[Step, _Nodes]]) -> int | None:
    """Of spot nodes and those that take their place the larger; of nodes made one by one, or beside Karpenter's, all."""
    counts = [nodes.max for step, nodes in parts if is_group(step)]
    others = [nodes.max for step, nodes in parts if not is_group(step)]
    of_groups = None if None in counts else max((count for count in counts if count is not None), default=0)
    rest = _sum(others)
    return None if of_groups is None or rest is None else of_groups + rest


def _sum(counts: Iterable[int | None]) -> int | None:
    """None where any is unknown."""
    told = list(counts)
    return None if None in told else sum(count for count in told if count is not None)


def _eks(body: Mapping[str, Any]) -> _Nodes:
    capacity = Capacity.SPOT if body.get("capacityType") == "SPOT" else Capacity.ON_DEMAND
    types, sizes = body.get("instanceTypes") or [None], body.get("scalingConfig")
    return _Nodes(types[0], capacity, _count(sizes, "minSize"), _count(sizes, "maxSize"))


def _gke(body: Mapping[str, Any]) -> _Nodes:
    config, sizes = body.get("nodeConfig") or {}, body.get("autoscaling")
    capacity = Capacity.SPOT if config.get("spot") else Capacity.ON_DEMAND
    return _Nodes(config.get("machineType"), capacity, _count(sizes, "totalMinNodeCount"), _count(sizes, "totalMaxNodeCount"))


def _aks(body: Mapping[str, Any]) -> _Nodes:
    capacity = Capacity.SPOT if body.get("scaleSetPriority") == "Spot" else Capacity.ON_DEMAND
    return _Nodes(body.get("vmSize"), capacity, _count(body, "minCount"), _count(body, "maxCount"))


def _node(body: Mapping[str, Any]) -> _Nodes:
    """A node of KWOK's: it says nothing of how few there may be."""
    labels = (body.get("metadata") or {}).get("labels") or {}
    return _Nodes(labels.get("node.kubernetes.io/instance-type"), Capacity.ON_DEMAND, None, 1)


def _node_pool(body: Mapping[str, Any]) -> _Nodes:
    """Karpenter's: the nodes above those that are always there."""
    spec = body.get("spec") or {}
    template = (spec.get("template") or {}).get("spec") or {}
    wanted = {entry.get("key"): entry.get("values") or [None] for entry in template.get("requirements") or () if isinstance(entry, Mapping)}
    capacity = Capacity.SPOT if "spot" in wanted.get("karpenter.sh/capacity-type", ()) else Capacity.ON_DEMAND
    most = str((spec.get("limits") or {}).get("nodes", ""))
    return _Nodes(wanted.get("node.kubernetes.io/instance-type", [None])[0], capacity, 0, int(most) if most.isdigit() else None)


_NODE = "kubernetes:core/v1:Node"
_NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
_GROUPS: Mapping[str, Callable[[Mapping[str, Any]], _Nodes]] = {
    "aws:eks/nodeGroup:NodeGroup": _eks,
    "gcp:container/nodePool:NodePool": _gke,
    "azure-native:containerservice:AgentPool": _aks,
}
_OTHERS: Mapping[str, Callable[[Mapping[str, Any]], _Nodes]] = {_NODE: _node, _NODE_POOL: _node_pool}


def _read(token: str, before: Mapping[str, Any]) -> _Nodes | None:
    reader = _GROUPS.get(unversioned(token)) or _OTHERS.get(token)
    return reader(before) if reader else None


def _count(body: Any, key: str) -> int | None:
    value = body.get(key) if isinstance(body, Mapping) else None
    return int(value) if isinstance(value, int | float) else None
