"""What a pool's `warm` needs to be kept: a server to hold room for, and nodes that the replicas that always run leave free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headroom.catalog.names import placeholder
from headroom.settings.capacity import capacity, largest, per_node
from headroom.settings.devices import devices_per_node
from headroom.settings.pool import Pool
from headroom.settings.problems import Path, Problem
from headroom.settings.server import Server


def warm(path: Path, name: str, pool: Pool, servers: Mapping[str, Server], asked: Mapping[str, Any]) -> Iterator[Problem]:
    """The problems of a pool that keeps room; `servers` are the valid ones of the stack, `asked` all of them as they are written."""
    inside = inhabitants(name, servers)
    if any(isinstance(written, Mapping) and written.get("pool") == name for server, written in asked.items() if server not in servers):
        return
    if not inside:
        yield Problem((*path, "warm"), "no server runs in this pool, so there is nothing to keep room for: leave warm out")
        return
    if placeholder(name) in servers:
        yield Problem(("servers", placeholder(name)), f"is what the placeholders of pool {name} are called: choose another name")
    held = _held(pool, inside)
    if pool.warm > held and per_node(pool, largest(inside)):
        yield Problem(
            (*path, "warm"),
            f"beside the replicas that always run, the pool has room for {held} more of its largest: the rest would wait for ever; "
            "lower warm, or raise the pool's max",
        )


def inhabitants(pool: str, servers: Mapping[str, Server]) -> list[Server]:
    """The servers that run in a pool."""
    return [server for server in servers.values() if server.pool == pool]


def _held(pool: Pool, inside: list[Server]) -> int:
    """Placeholders that the pool has room for at the smallest replica counts, at most."""
    room = largest(inside)
    always = sum(server.gpus * server.autoscaling.replicas.min * server.parallelism.nodes for server in inside)
    free = pool.max * devices_per_node(pool) - always
    return max(0, min(capacity(pool, room), free // room.gpus))
