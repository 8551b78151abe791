"""How much of its pool a replica takes, and how many of them the pool holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from headroom.settings.base import quantity
from headroom.settings.devices import devices_per_node
from headroom.settings.fabric import set_apart_mib
from headroom.settings.machine import find_machine
from headroom.settings.pool import Pool
from headroom.settings.server import Server


@dataclass(frozen=True)
class Room:
    """What one pod asks a node for; CPU and memory as Kubernetes quantities."""

    gpus: int
    """Or parts or shares of GPUs, where the pool's are shared."""
    cpu: str
    memory: str


def room_of(server: Server) -> Room:
    return Room(server.gpus, server.resources.cpu, server.resources.memory)


def largest(servers: Iterable[Server]) -> Room:
    """Room in which a replica of any of the servers fits."""
    rooms = [room_of(server) for server in servers]
    return Room(
        max(room.gpus for room in rooms),
        max((room.cpu for room in rooms), key=quantity),
        max((room.memory for room in rooms), key=quantity),
    )


def per_node(pool: Pool, room: Room) -> int:
    """Pods that one node of a pool holds, by the scarcest of GPUs, vCPUs and memory."""
    shape = find_machine(pool.machine)
    # A node keeps some of its CPU and memory for itself, so what fills them to the last does not fit.
    by_cpu = ceil(shape.vcpus / quantity(room.cpu)) - 1
    memory = shape.memory_gib * 2**30 - set_apart_mib(pool) * 2**20
    by_memory = ceil(memory / quantity(room.memory)) - 1
    return min(devices_per_node(pool) // room.gpus, by_cpu, by_memory)


def capacity(pool: Pool, room: Room) -> int:
    """Pods that a pool holds at its largest."""
    return pool.max * per_node(pool, room)
