"""Whether pods fit nodes: node selector, taints, devices. Affinity is not evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from headroom.wiring.facts import Workload
from headroom.wiring.nodes import Pool, Taint, Toleration
from headroom.wiring.selectors import equal_to
from headroom.wiring.values import Unknown

_ORDINARY = ("cpu", "memory", "ephemeral-storage")


def devices(workload: Workload) -> Mapping[str, Decimal] | Unknown:
    """Extended resources (GPUs) of one pod. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources"""
    total: dict[str, Decimal] = {}
    for container in workload.containers:
        if isinstance(container.requests, Unknown):
            return container.requests
        for resource, amount in container.requests.items():
            if resource in _ORDINARY or "/" not in resource:
                continue
            if isinstance(amount, Unknown):
                return amount
            total[resource] = total.get(resource, Decimal(0)) + amount
    return total


def misfit(workload: Workload, wanted: Mapping[str, Decimal], pool: Pool) -> str | Unknown | None:
    """Why a pod does not fit a pool's nodes; None where it does."""
    if isinstance(workload.node_selector, Unknown):
        return workload.node_selector
    selects = equal_to(workload.node_selector).matches(pool.labels)
    if isinstance(selects, Unknown):
        return selects
    if not selects:
        unmet = ", ".join(map(str, equal_to(workload.node_selector).unmet(pool.labels)))
        return f"{pool.name} has not the label {unmet}"
    for taint in pool.taints:
        if taint.effect in ("NoSchedule", "NoExecute") and not any(_tolerates(found, taint) for found in workload.tolerations):
            return f"{pool.name} has the taint {taint.key}={taint.value}:{taint.effect}, which they do not tolerate"
    return _shortage(wanted, pool)


def room(workload: Workload, wanted: Mapping[str, Decimal], pools: Iterable[Pool]) -> int:
    """How many pods the pools they fit can hold, counting devices only."""
    return sum(pool.nodes * _per_node(wanted, pool) for pool in pools if misfit(workload, wanted, pool) is None)


def _shortage(wanted: Mapping[str, Decimal], pool: Pool) -> str | Unknown | None:
    for resource, amount in wanted.items():
        offered = pool.capacity.get(resource, Decimal(0))
        if isinstance(offered, Unknown):
            return offered
        if offered < amount:
            return f"a node of {pool.name} has {offered} {resource}, a pod needs {amount}"
    return None


def _per_node(wanted: Mapping[str, Decimal], pool: Pool) -> int:
    fits = [
        int(offered // amount)
        for resource, amount in wanted.items()
        if isinstance(offered := pool.capacity.get(resource), Decimal) and amount
    ]
    return min(fits, default=0)


def _tolerates(toleration: Toleration, taint: Taint) -> bool:
    """What cannot be read counts as tolerated: this answers only what certainly does not fit."""
    if isinstance(toleration.key, Unknown) or toleration.key not in (None, "", taint.key):
        return isinstance(toleration.key, Unknown)
    if toleration.effect not in (None, "", taint.effect):
        return isinstance(toleration.effect, Unknown)
    return toleration.operator == "Exists" or isinstance(toleration.value, Unknown) or (toleration.value or "") == taint.value
