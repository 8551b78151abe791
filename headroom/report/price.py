"""What a stack's GPU nodes cost: per hour and month, at their smallest and their largest."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from headroom.catalog.machines import machines
from headroom.settings import Stack
from headroom.settings.capacity import largest, per_node
from headroom.settings.cluster import Pool
from headroom.settings.warm_pool import inhabitants

HOURS_PER_MONTH = 730
"""365 x 24 / 12, as the clouds' own calculators count."""


@dataclass(frozen=True)
class PoolPrice:
    """On-demand price of one pool's nodes in USD; None where no source gives the machine's price."""

    pool: str
    machine: str
    min_nodes: int
    max_nodes: int
    warm_nodes: int
    """Of them as many as are there for the placeholders of the warm pool alone, and idle."""
    hourly_per_node: float | None
    source: str
    played: bool
    """Whether the nodes are KWOK's: then the price is what the same pool would cost on its cloud."""

    def monthly(self, nodes: int) -> float | None:
        return None if self.hourly_per_node is None else self.hourly_per_node * nodes * HOURS_PER_MONTH


def prices(stack: Stack) -> tuple[PoolPrice, ...]:
    """The price of each pool, in the order of the stack file."""
    known = machines()
    return tuple(
        PoolPrice(
            pool=name,
            machine=pool.machine,
            min_nodes=max(pool.min, _warm_nodes(stack, name, pool)),
            max_nodes=pool.max,
            warm_nodes=_warm_nodes(stack, name, pool),
            hourly_per_node=known[pool.machine].hourly_usd,
            source=f"{known[pool.machine].cloud}, {known[pool.machine].price_source}",
            played=stack.cluster.provider == "kwok",
        )
        for name, pool in stack.pools.items()
    )


def _warm_nodes(stack: Stack, name: str, pool: Pool) -> int:
    if not pool.warm:
        return 0
    return ceil(pool.warm / per_node(pool, largest(inhabitants(name, stack.servers))))
