"""The namespaces of teams that share a cluster: how many GPUs each may hold, and whose replicas go first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from pydantic import Field

from headroom.catalog.names import GPU_RESOURCE
from headroom.settings.base import Count, Settings
from headroom.settings.capacity import largest
from headroom.settings.devices import devices, devices_per_node
from headroom.settings.machine import is_known
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Pool
from headroom.settings.problems import Problem
from headroom.settings.server import Rollout, Server
from headroom.settings.warm_pool import inhabitants

HIGHEST = 999_999
"""Below the platform's own class: no server pushes aside what it is scaled, measured and reached through."""


class Namespace(Settings):
    """A team's share of the cluster. A server is in the namespace that it names, or in the stack's."""

    gpus: Count | None = Field(
        default=None, ge=0, description="GPUs, parts or shares of them that its pods may hold together; no bound when left out"
    )
    priority: Count | None = Field(
        default=None,
        ge=1,
        le=HIGHEST,
        description="priority of its servers' pods: without room they take that of pods whose priority is lower; 0 when left out",
    )
    existing: bool = Field(
        default=False, description="whether another stack makes it, with its quota and its priority class: here servers are held against it"
    )


def resources_of(pools: Mapping[str, Pool], strategy: MigStrategy) -> tuple[str, ...]:
    """Every extended resource that a stack's GPUs are counted as."""
    found = {devices(pool, strategy).resource for pool in pools.values() if is_known(pool.machine) and devices_per_node(pool)}
    return tuple(sorted(found or {GPU_RESOURCE}))


def quotas(
    namespaces: Mapping[str, Namespace], default: str, servers: Mapping[str, Server], pools: Mapping[str, Pool], strategy: MigStrategy
) -> Iterator[Problem]:
    """What the servers of a namespace may take, where that is more than it may hold. `default` is the stack's namespace."""
    for name, settings in namespaces.items():
        if settings.gpus is None:
            continue
        inside = {server: asked for server, asked in servers.items() if (asked.namespace or default) == name}
        for resource, (taken, who) in _taken(name == default, inside, servers, pools, strategy).items():
            if taken > settings.gpus:
                yield Problem(
                    ("namespaces", name, "gpus"),
                    f"{', '.join(sorted(who))} take up to {taken} {resource}, with the one more that a change by surge needs: pods beyond "
                    "the quota are never made; raise gpus, or lower replicas.max",
                )


def _taken(
    default: bool, inside: Mapping[str, Server], servers: Mapping[str, Server], pools: Mapping[str, Pool], strategy: MigStrategy
) -> dict[str, tuple[int, list[str]]]:
    """GPUs at the largest numbers by resource, and who takes them."""
    counts: dict[str, int] = defaultdict(int)
    who: dict[str, list[str]] = defaultdict(list)
    for name, server in inside.items():
        pool = pools.get(server.pool) if server.pool else None
        (resource,) = resources_of({"": pool} if pool else {}, strategy)
        replicas = server.autoscaling.replicas.max + (server.rollout is Rollout.SURGE)
        counts[resource] += replicas * server.gpus * server.parallelism.nodes
        who[resource].append(name)
    for name, pool in pools.items():
        # Placeholders are pods of the stack's own namespace.
        if default and pool.warm and is_known(pool.machine) and (held := inhabitants(name, servers)):
            (resource,) = resources_of({"": pool}, strategy)
            counts[resource] += pool.warm * largest(held).gpus
            who[resource].append(f"the warm pool {name}")
    return {resource: (count, who[resource]) for resource, count in counts.items()}
