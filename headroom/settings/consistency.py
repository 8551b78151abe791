"""What must hold between the parts of a stack. Each rule looks at parts that are valid by themselves and names path and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.model import Engine, UnknownVersion, spelled
from headroom.catalog.gpu_nodes import SharingMode
from headroom.catalog.machines import Machine
from headroom.settings.aks_needs import aks_needs
from headroom.settings.base import quantity
from headroom.settings.capacity import capacity, room_of
from headroom.settings.chart_needs import chart_needs
from headroom.settings.cluster import ExistingCluster
from headroom.settings.devices import devices, devices_per_node
from headroom.settings.eks_needs import eks_needs
from headroom.settings.engine_needs import engine_needs
from headroom.settings.fabric_needs import fabric_needs
from headroom.settings.gke_needs import gke_needs
from headroom.settings.gpus import gpus
from headroom.settings.identities import identity
from headroom.settings.ingress import ingress
from headroom.settings.load_balancer_needs import load_balancer_needs
from headroom.settings.machine import find_machine, is_known
from headroom.settings.machine_needs import pool_machine, server_machine, together
from headroom.settings.monitoring_needs import monitoring_needs
from headroom.settings.node_autoscaling import node_autoscaling
from headroom.settings.overrides import overrides
from headroom.settings.platform import Mode, Platform
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.platform_conflicts import platform_conflicts
from headroom.settings.pool import Pool
from headroom.settings.problems import Path, Problem
from headroom.settings.reachability import reachability
from headroom.settings.scaling import offered, scaling, signals, unknown_signal
from headroom.settings.server import Rollout, Server
from headroom.settings.storage import shared_cache
from headroom.settings.warm_pool import warm


def inconsistencies(
    *,
    cluster: Any,
    platform: Platform | None,
    pools: Mapping[str, Pool],
    servers: Mapping[str, Server],
    credentials: frozenset[str] | None,
    asked: Mapping[str, Any],
) -> list[Problem]:
    """Every contradiction between the valid parts. `asked` is the configuration as written: a pool that is there but invalid
    is not reported a second time as unknown. `credentials` are the names of those that are there, None where that cannot be told."""
    problems: list[Problem] = []
    pool_names = list(asked.get("pools") or {})
    for name, pool in pools.items():
        problems += _pool(("pools", name), pool, cluster.provider if cluster is not None else None)
        if pool.warm and is_known(pool.machine):
            problems += warm(("pools", name), name, pool, servers, asked.get("servers") or {})
    if platform is not None:
        problems += chart_needs(platform, credentials)
        problems += platform_conflicts(platform, cluster.runs_on if cluster is not None else None)
    if cluster is not None and platform is not None:
        problems += gpus(platform.gpu_operator, cluster.runs_on, pools, servers)
        problems += node_autoscaling(platform, cluster, pools)
        problems += eks_needs(cluster, platform.gpu_operator, pools)
        problems += gke_needs(cluster, platform.gpu_operator, pools)
        problems += aks_needs(cluster, platform.gpu_operator, pools)
        problems += fabric_needs(cluster.runs_on, platform, pools, servers)
        problems += load_balancer_needs(platform, cluster)
    if platform is not None:
        problems += monitoring_needs(platform, cluster, credentials)
    for name, server in servers.items():
        path = ("servers", name)
        problems += _place(path, server, cluster, pools, pool_names, platform)
        problems += _engine(path, server, pools, credentials)
        if cluster is not None:
            problems += identity(path, server, cluster)
            problems += shared_cache(path, server, cluster.runs_on)
        problems += _groups((*path, "parallelism", "nodes"), server, platform)
        problems += scaling((*path, "autoscaling"), server.autoscaling, platform, routed=server.route is not None)
    problems += together(pools, servers)
    problems += reachability({name: (server, engine_of(server)) for name, server in servers.items() if _is_known(server)}, platform)
    if platform is not None:
        problems += ingress(servers, platform, cluster.runs_on if cluster is not None else None, credentials)
    for name, written in (asked.get("servers") or {}).items():
        if name not in servers and isinstance(written, Mapping):
            problems += _references(("servers", name), written, pool_names)
    return problems


def engine_of(server: Server) -> Engine:
    """The engine of a server at its version. Raises `KeyError` or `UnknownVersion`; neither on a judged stack."""
    family = ENGINES[server.engine]
    image = f"{family.oldest.image}:{server.version}" if server.version else server.image
    return family.at(family.version_of(image))


def _is_known(server: Server) -> bool:
    try:
        return bool(engine_of(server))
    except (KeyError, UnknownVersion):
        return False


def _references(path: Path, written: Mapping[str, Any], pool_names: list[str]) -> Iterator[Problem]:
    """The names that a server refers to, where the server itself is invalid: all its problems are said at once."""
    engine, pool = written.get("engine"), written.get("pool")
    if isinstance(engine, str) and engine not in ENGINES:
        yield _unknown_engine(path)
    if isinstance(pool, str) and pool not in pool_names:
        yield _unknown_pool(path, pool_names)
    autoscaling = written.get("autoscaling")
    named = autoscaling.get("signals") if isinstance(autoscaling, Mapping) else None
    if isinstance(engine, str) and engine in ENGINES and isinstance(named, Mapping):
        known = offered(ENGINES[engine])
        yield from (unknown_signal((*path, "autoscaling", "signals", name), engine, known) for name in named if name not in known)


def _unknown_engine(path: Path) -> Problem:
    return Problem((*path, "engine"), f"is not an engine; known: {', '.join(ENGINES)}")


def _unknown_pool(path: Path, pool_names: list[str]) -> Problem:
    return Problem((*path, "pool"), f"is not a pool of this stack; pools: {', '.join(pool_names) or 'none'}")


def _pool(path: Path, pool: Pool, provider: str | None) -> Iterator[Problem]:
    yield from pool_machine(path, pool, provider)
    if pool.min > pool.max:
        yield Problem((*path, "min"), "is larger than max: the pool would have no size to choose; lower min or raise max")


def _place(
    path: Path, server: Server, cluster: Any, pools: Mapping[str, Pool], pool_names: list[str], platform: Platform | None
) -> Iterator[Problem]:
    if server.pool is None:
        # The nodes of an existing cluster need not be described.
        if not isinstance(cluster, ExistingCluster):
            yield Problem((*path, "pool"), f"is required; pools of this stack: {', '.join(pool_names) or 'none'}")
    elif server.pool not in pool_names:
        yield _unknown_pool(path, pool_names)
    elif server.pool in pools and is_known(pools[server.pool].machine) and devices_per_node(pools[server.pool]):
        strategy = platform.gpu_operator.mig_strategy if platform else MigStrategy.SINGLE
        yield from _fit(path, server, pools[server.pool], devices(pools[server.pool], strategy).product)


def _fit(path: Path, server: Server, pool: Pool, product: str) -> Iterator[Problem]:
    """`product` is what the pool's nodes call their GPUs, shared or whole."""
    machine = find_machine(pool.machine)
    if server.gpus > 1 and pool.sharing.mode is not SharingMode.NONE:
        return
    if server.gpus > machine.gpus:
        yield Problem((*path, "gpus"), f"a {machine.name} has {machine.gpus}: lower gpus, or choose a pool with a larger machine")
        return
    if server.gpu_products and product not in server.gpu_products:
        yield Problem((*path, "gpuProducts"), f"a {machine.name} has {product}: name it, or choose another pool")
        return
    pods, largest = capacity(pool, room_of(server)), server.autoscaling.replicas.max
    if pods == 0:
        yield from _too_large_for(path, server, machine)
        return
    # On each of its nodes a replica is one pod.
    held = pods // server.parallelism.nodes
    if largest > held:
        yield Problem(
            (*path, "autoscaling", "replicas", "max"),
            f"the pool holds {held} of them at its largest: the rest would wait for ever; lower max, raise the pool's max, "
            "or ask for fewer resources per replica",
        )
    elif server.rollout is Rollout.SURGE and largest == held:
        yield Problem(
            (*path, "rollout"),
            f"surge needs room for one replica more, and at {held} replicas the pool is full: a change at the maximum would never finish; "
            "raise the pool's max, lower replicas.max, or set rollout: recreate and accept the outage",
        )


def _groups(path: Path, server: Server, platform: Platform | None) -> Iterator[Problem]:
    if server.parallelism.nodes > 1 and platform is not None and platform.lws.mode is Mode.NONE:
        yield Problem(
            path,
            "replicas on several nodes are LeaderWorkerSets, whose controller is not there: say platform.lws: helm, or existing where the "
            "cluster has it",
        )
    gang = server.parallelism.gang
    if gang and platform is not None and platform.lws.mode is Mode.HELM and platform.lws.gang != gang:
        yield Problem(
            (*path[:-1], "gang"),
            f"{gang} places groups that have a PodGroup, and the controller is not told to make them: say platform.lws.gang: {gang}",
        )


def _too_large_for(path: Path, server: Server, machine: Machine) -> Iterator[Problem]:
    for resource, asked, available, shown in (
        ("cpu", server.resources.cpu, machine.vcpus, f"{machine.vcpus} vCPUs"),
        ("memory", server.resources.memory, machine.memory_gib * 2**30, f"{machine.memory_gib}Gi"),
    ):
        if quantity(asked) >= available:
            yield Problem((*path, "resources", resource), f"a {machine.name} has {shown} and keeps some for itself: ask for less")


def _engine(path: Path, server: Server, pools: Mapping[str, Pool], credentials: frozenset[str] | None) -> Iterator[Problem]:
    if server.engine not in ENGINES:
        yield _unknown_engine(path)
        return
    try:
        engine = engine_of(server)
    except UnknownVersion:
        oldest = ENGINES[server.engine].oldest
        example = spelled(ENGINES[server.engine].newest)
        if server.version:
            yield Problem((*path, "version"), f"is not a version of {oldest.title}; such as {example}")
        else:
            yield Problem(
                (*path, "image"), f"its tag does not tell the version of {oldest.title}: give version beside it, such as {example}"
            )
        return
    if engine.version < ENGINES[server.engine].oldest.version:
        oldest_known = spelled(ENGINES[server.engine].oldest.version)
        yield Problem((*path, "version" if server.version else "image"), f"is older than {oldest_known}, the oldest that is known here")
    yield from signals((*path, "autoscaling"), server.autoscaling, engine)
    yield from engine_needs(path, server, engine, credentials)
    pool = pools.get(server.pool) if server.pool else None
    if server.pool is None or (pool is not None and is_known(pool.machine)):
        yield from server_machine(path, server, engine, pool)
    yield from overrides(path, server, engine)
