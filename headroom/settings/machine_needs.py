"""What must hold between a pool's machine, the cluster that it is in, and the servers that run on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from headroom.catalog.engines.model import Engine, spelled
from headroom.catalog.gpu_nodes import SharingMode
from headroom.catalog.gpus import GPUS, Capability
from headroom.catalog.machines import Machine
from headroom.settings.base import quantity
from headroom.settings.devices import devices_per_node
from headroom.settings.machine import find_machine, is_known, whole_ones
from headroom.settings.pool import Pool
from headroom.settings.problems import Path, Problem
from headroom.settings.server import Server

_CLOUDS = {"eks": "aws", "gke": "gcp", "aks": "azure"}
"""Whose machines the program asks for, by the cluster's provider."""
_MIB = 2**20


def pool_machine(path: Path, pool: Pool, provider: str | None) -> Iterator[Problem]:
    """The problems of the machine itself; `provider` is the cluster's, None where that is not valid."""
    cloud = _CLOUDS.get(provider or "")
    able = whole_ones(cloud)
    if not is_known(pool.machine):
        close = get_close_matches(str(pool.machine), able, n=1)
        meant = f": did you mean {close[0]}?" if close else ";"
        yield Problem(
            (*path, "machine"),
            f"is not a machine type of the catalogue{meant} known: {', '.join(able)}; or describe it: a mapping with type, gpu, gpus …",
        )
        return
    machine = find_machine(pool.machine)
    if machine.fraction is not None:
        whole = ", ".join(name for name, known in able.items() if known.gpu == machine.gpu)
        yield Problem(
            (*path, "machine"),
            f"a {machine.name} has {machine.fraction} of a {machine.gpu}: a virtual GPU, which wants NVIDIA's licensed GRID driver and is "
            f"not counted as a GPU, so no replica would start; machines with whole ones: {whole or 'none known'}; sharing lets several "
            "replicas share one",
        )
    if cloud and machine.cloud not in (None, cloud):
        yield Problem(
            (*path, "machine"), f"is a machine of {machine.cloud}, and the cluster is {provider}'s; known there: {', '.join(able)}"
        )


def together(pools: Mapping[str, Pool], servers: Mapping[str, Server]) -> Iterator[Problem]:
    """Replicas that always run, of several servers in one pool, must fit into it beside each other."""
    for name, pool in pools.items():
        inside = {server: settings for server, settings in servers.items() if settings.pool == name}
        if len(inside) < 2 or not is_known(pool.machine):
            continue
        always = sum(s.gpus * s.parallelism.nodes * s.autoscaling.replicas.min for s in inside.values())
        held = pool.max * devices_per_node(pool)
        if held and always > held:
            yield Problem(
                ("pools", name, "max"),
                f"the replicas that always run of {', '.join(sorted(inside))} take {always} GPUs, and the pool has {held} at its "
                "largest: some would wait for ever; raise max, or lower replicas.min",
            )


def server_machine(path: Path, server: Server, engine: Engine, pool: Pool | None) -> Iterator[Problem]:
    """What the engine, its image and its models want of the machines that a server runs on. Without a pool only the kinds of GPU that
    the server names are known."""
    if pool is None:
        yield from _named_products(path, server, engine)
        return
    machine = find_machine(pool.machine)
    yield from _capability(path, server, engine, machine)
    yield from _memory(path, server, engine, machine, pool)
    allowed = engine.architectures_of(server.image)
    if machine.architecture not in allowed:
        yield Problem(
            (*path, "image"),
            f"is for {allowed[0]} alone, and a {machine.name} is {machine.architecture}: its containers would not start; "
            f"choose an image for {machine.architecture}, or a pool whose machine is {allowed[0]}",
        )


def _named_products(path: Path, server: Server, engine: Engine) -> Iterator[Problem]:
    need = engine.gpu_for(server.image)
    for index, product in enumerate(server.gpu_products):
        gpu = GPUS.get(product)
        if gpu and gpu.capability < need.capability:
            yield Problem((*path, "gpuProducts", index), _too_old(product, gpu.capability, engine, need.capability))


def _capability(path: Path, server: Server, engine: Engine, machine: Machine) -> Iterator[Problem]:
    need = engine.gpu_for(server.image).capability
    if machine.capability < need:
        newer = [product for product, gpu in GPUS.items() if gpu.capability >= need]
        yield Problem(
            (*path, "pool"),
            f"a {machine.name} has {_too_old(machine.gpu, machine.capability, engine, need)}: choose a pool with one of {', '.join(newer)}",
        )


def _too_old(product: str, has: Capability, engine: Engine, need: Capability) -> str:
    has_it, wants = (".".join(map(str, capability)) for capability in (has, need))
    return f"{product}, of compute capability {has_it}, and {engine.title} {spelled(engine.version)} needs {wants}"


def _memory(path: Path, server: Server, engine: Engine, machine: Machine, pool: Pool) -> Iterator[Problem]:
    asked = quantity(server.gpu_memory) / _MIB if server.gpu_memory else 0
    need = max(asked, engine.gpu_for(server.image).memory_mib)
    has = _share(machine, pool)
    if need > has:
        who = "the models take" if need == asked else f"{engine.title} {spelled(engine.version)} needs"
        what = f"a {machine.name} has {machine.gpu} of {machine.gpu_memory_mib} MiB"
        shared = "" if pool.sharing.mode is SharingMode.NONE else f", and each of those that share one has {has:.0f}"
        where = "gpuMemory" if need == asked else "pool"
        yield Problem(
            (*path, where),
            f"{what}{shared}, and {who} {need:.0f}: choose a pool with larger GPUs or shares, or split the model over several "
            "(parallelism)",
        )


def _share(machine: Machine, pool: Pool) -> float:
    """Memory in MiB that one replica may count on, of each of its GPUs, parts or shares."""
    sharing = pool.sharing
    if sharing.profile:
        # A profile's name says how many GB its parts have.
        return float(sharing.profile.partition("g.")[2].removesuffix("gb")) * 1e9 / _MIB
    return machine.gpu_memory_mib / (sharing.replicas or 1)
