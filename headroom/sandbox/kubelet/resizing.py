"""Resizing a running pod in place: what its containers have been allocated, what has to wait, and what can never be.

As in the kubelet (pkg/kubelet/allocation/allocation_manager.go, 1.36): a resize is granted whole or not at all; one that exceeds the node
is Infeasible, one that exceeds what the other pods leave of it is Deferred and looked at again. What is granted differs from a real
node's in one thing: there are no cgroups, so nothing is enforced, and less memory is granted without a look at what is in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from headroom.sandbox.kubelet.downward import quantity

PENDING, IN_PROGRESS = "PodResizePending", "PodResizeInProgress"
RESIZABLE = ("cpu", "memory")

Resources = Mapping[str, Any]
"""A container's `resources`: requests and limits."""
Amounts = Mapping[str, Decimal]


@dataclass(frozen=True)
class Room:
    """Of a node: what it has, and what its other pods have been allocated."""

    capacity: Amounts
    used: Amounts


@dataclass(frozen=True)
class Refusal:
    """`reason` is Deferred or Infeasible."""

    reason: str
    message: str


def requested(resources: Iterable[Resources]) -> dict[str, Decimal]:
    """The sum of the containers' requests, of what can be resized."""
    each = [{name: quantity(amount) for name, amount in (entry.get("requests") or {}).items()} for entry in resources]
    return {name: sum((amounts.get(name, Decimal(0)) for amounts in each), Decimal(0)) for name in RESIZABLE}


def allocated_to(pod: Mapping[str, Any]) -> dict[str, Resources]:
    """What each container of a pod has, by its status; where that tells nothing yet, by its spec."""
    told = {entry["name"]: entry.get("resources") for entry in (pod.get("status") or {}).get("containerStatuses") or ()}
    return {entry["name"]: told.get(entry["name"]) or entry.get("resources") or {} for entry in pod["spec"]["containers"]}


def refusal(wanted: Amounts, room: Room) -> Refusal | None:
    for name, amount in wanted.items():
        if name in room.capacity and amount > room.capacity[name]:
            figures = f"requested: {_plain(name, amount)}, capacity: {_plain(name, room.capacity[name])}"
            return Refusal("Infeasible", f"Node didn't have enough capacity: {name}, {figures}")
    for name, amount in wanted.items():
        used = room.used.get(name, Decimal(0))
        if name in room.capacity and amount + used > room.capacity[name]:
            figures = f"requested: {_plain(name, amount)}, used: {_plain(name, used)}, capacity: {_plain(name, room.capacity[name])}"
            return Refusal("Deferred", f"Node didn't have enough resource: {name}, {figures}")
    return None


def _plain(name: str, amount: Decimal) -> int:
    """CPU in thousandths, as the kubelet counts."""
    return int(amount * 1000) if name == "cpu" else int(amount)


@dataclass
class Resizing:
    """The resizes of one pod. `allocated` has been granted to each container; `actual` is what each runs with."""

    allocated: dict[str, Resources]
    actual: dict[str, Resources] = field(default_factory=dict)
    refused: Refusal | None = None

    @staticmethod
    def of(pod: Mapping[str, Any]) -> Resizing:
        has = allocated_to(pod)
        return Resizing(has, dict(has))

    @property
    def under_way(self) -> bool:
        """Granted, and not yet so."""
        return self.actual != self.allocated

    def asked(self, pod: Mapping[str, Any]) -> bool:
        """Whether the pod's spec asks for something else than it was allocated, and no answer has been found yet."""
        return self.refused is None and not all(_same(wanted, self.allocated[name]) for name, wanted in _wanted(pod).items())

    def step(self, pod: Mapping[str, Any], room: Room) -> None:
        """One step: what was granted is made so; what is newly asked for is granted or refused."""
        self.actual = dict(self.allocated)
        wanted = _wanted(pod)
        if all(_same(wanted[name], self.allocated[name]) for name in wanted):
            self.refused = None
            return
        self.refused = refusal(requested(wanted.values()), room)
        if self.refused is None:
            self.allocated = wanted

    def conditions(self) -> list[tuple[str, str, str]]:
        """Those that hold: type, reason, message."""
        if self.refused:
            return [(PENDING, self.refused.reason, self.refused.message)]
        return [(IN_PROGRESS, "", "")] if self.under_way else []


def _wanted(pod: Mapping[str, Any]) -> dict[str, Resources]:
    return {entry["name"]: entry.get("resources") or {} for entry in pod["spec"]["containers"]}


def _same(wanted: Resources, has: Resources) -> bool:
    def amounts(resources: Resources) -> dict[tuple[str, str], Decimal]:
        return {
            (part, name): quantity(amount)
            for part in ("requests", "limits")
            for name, amount in (resources.get(part) or {}).items()
            if name in RESIZABLE
        }

    return amounts(wanted) == amounts(has)
