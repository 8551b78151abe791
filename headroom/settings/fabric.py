"""What a pod takes of the network that joins the nodes of a pool.

On EC2 that are Elastic Fabric Adapters, which a device plugin counts, and huge pages for their buffers. Without them NCCL talks over
TCP, and says so in its log alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from headroom.catalog.efa import EFAS, HUGE_PAGES_ASKED_MIB, HUGE_PAGES_MIB
from headroom.settings.machine import find_machine
from headroom.settings.pool import Pool
from headroom.settings.server import Server

_PAGE_MIB = 2


@dataclass(frozen=True)
class Fabric:
    """The share of a node's adapters that goes with a pod's share of its GPUs."""

    adapters: int
    huge_pages_mib: int


def adapters_per_node(pool: Pool) -> int:
    """Elastic Fabric Adapters that a node of a pool has; 0 where it has none, or they are not asked for."""
    return EFAS.get(find_machine(pool.machine).name, 0) if pool.interconnect else 0


def set_apart_mib(pool: Pool) -> int:
    """Memory of a node that is huge pages for adapters, and so nobody's memory."""
    return HUGE_PAGES_MIB if adapters_per_node(pool) else 0


def is_divided(server: Server, pool: Pool) -> bool:
    """Whether a pod gets whole adapters, or needs none."""
    machine = find_machine(pool.machine)
    return server.parallelism.nodes == 1 or adapters_per_node(pool) * server.gpus % machine.gpus == 0


def fabric(server: Server, pool: Pool) -> Fabric | None:
    """What one pod of a server asks for; None where its replicas are on one node, or the pool's nodes have no adapters."""
    adapters, machine = adapters_per_node(pool), find_machine(pool.machine)
    if server.parallelism.nodes == 1 or not adapters:
        return None
    pages = HUGE_PAGES_ASKED_MIB * server.gpus // machine.gpus
    return Fabric(adapters * server.gpus // machine.gpus, pages - pages % _PAGE_MIB)
