"""A stack as a tree on the terminal: its cluster and pools, and for each server what runs where and what it is scaled by."""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from headroom.catalog.gpu_nodes import SharingMode
from headroom.catalog.signals import RESOURCE_SIGNALS, SIGNALS
from headroom.desired import Desired
from headroom.desired.binding import BoundSignal
from headroom.desired.render import DesiredServer
from headroom.settings import Stack
from headroom.settings.consistency import engine_of
from headroom.settings.devices import devices_per_node
from headroom.settings.machine import find_machine
from headroom.settings.pool import Pool


def stack_tree(stack: Stack, desired: Desired) -> Tree:
    """What the stack asks for, without any of the objects' details."""
    tree = Tree(Text.assemble((stack.name, "bold"), f"  on {stack.cluster.provider}, {len(desired.objects)} objects"))
    pools = tree.add("pools") if stack.pools else tree
    for name, pool in stack.pools.items():
        machine = find_machine(pool.machine)
        gpus = f"{machine.gpus} x {machine.gpu}{_shared(pool)}"
        pools.add(Text.assemble((name, "bold"), f"  {pool.min} to {pool.max} x {machine.name} ({gpus} each){_warm(pool)}"))
    servers = tree.add("servers")
    for server in desired.servers:
        _server(servers.add(Text(server.name, style="bold")), stack, server)
    return tree


def _shared(pool: Pool) -> str:
    if pool.sharing.mode is SharingMode.NONE:
        return ""
    how = f" {pool.sharing.profile}" if pool.sharing.profile else ""
    return f", shared by {pool.sharing.mode}{how} into {devices_per_node(pool)}"


def _warm(pool: Pool) -> str:
    return f", room for {pool.warm} more replicas held ready" if pool.warm else ""


def _server(branch: Tree, stack: Stack, desired: DesiredServer) -> None:
    settings = stack.servers[desired.name]
    replicas = settings.autoscaling.replicas
    pool = f"in pool {settings.pool}" if settings.pool else "wherever there is one"
    branch.add(f"{engine_of(settings).title}: {settings.image}")
    branch.add(f"{replicas.min} to {replicas.max} replicas, {settings.gpus} GPU each, {pool}")
    signals = branch.add(f"scaled by {settings.autoscaling.backend} on")
    for bound in desired.signals:
        _signal(signals, bound, settings.autoscaling.signals[bound.signal.name])
    for name in RESOURCE_SIGNALS:
        if name in settings.autoscaling.signals:
            signals.add(Text.assemble((name, "bold"), f" at {settings.autoscaling.signals[name]}: {SIGNALS[name].meaning}"))
    kinds = ", ".join(manifest["kind"] for manifest in desired.objects.values())
    branch.add(f"namespace {desired.namespace}: {kinds}")


def _signal(branch: Tree, bound: BoundSignal, target: str) -> None:
    signal = branch.add(Text.assemble((bound.signal.name, "bold"), f" at {target}: {bound.signal.meaning}"))
    for rule in bound.rules:
        signal.add(Text(rule.record, style="cyan"))
