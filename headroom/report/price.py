"""What a stack's GPU nodes cost: per hour and month, at their smallest and their largest, on demand and on spot capacity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from pydantic import TypeAdapter

from headroom.settings import Stack
from headroom.settings.capacity import largest, per_node
from headroom.settings.machine import find_machine
from headroom.settings.pool import Capacity, Pool
from headroom.settings.warm_pool import inhabitants

HOURS_PER_MONTH = 730
"""365 x 24 / 12, as the clouds' own calculators count."""


@dataclass(frozen=True)
class PoolPrice:
    """Prices of one pool's nodes in USD; None where neither a source nor the stack file gives them."""

    pool: str
    machine: str
    capacity: Capacity
    """What the pool's nodes are. A reservation costs what was agreed for it: the price on demand is then the most that it may be."""
    falls_back: bool
    """Whether nodes on demand take the place of spot ones that are not to be had."""
    min_nodes: int
    max_nodes: int
    warm_nodes: int
    """Of them as many as are there for the placeholders of the warm pool alone, and idle."""
    on_demand: float | None
    """Of one node, by the hour."""
    spot: float | None
    source: str
    played: bool
    """Whether the nodes are KWOK's: then the price is what the same pool would cost on its cloud."""

    @property
    def hourly(self) -> float | None:
        """Of one node as the pool's capacity is."""
        return self.spot if self.capacity is Capacity.SPOT else self.on_demand

    def monthly(self, nodes: int, hourly: float | None) -> float | None:
        """Of so many nodes; None where it is not known. No nodes cost nothing, whatever one costs."""
        if not nodes:
            return 0.0
        return None if hourly is None else hourly * nodes * HOURS_PER_MONTH


_ROWS = TypeAdapter(tuple[PoolPrice, ...])


def prices(stack: Stack) -> tuple[PoolPrice, ...]:
    """The prices of each pool, in the order of the stack file."""
    return tuple(_price(stack, name, pool) for name, pool in stack.pools.items())


def as_json(rows: Iterable[PoolPrice]) -> list[dict[str, Any]]:
    """The rows for a program; hourly prices are of one node, in USD."""
    return [{**asdict(row), "hourly": row.hourly} for row in rows]


def from_json(entries: Iterable[Mapping[str, Any]]) -> tuple[PoolPrice, ...]:
    """The rows again. Raises `pydantic.ValidationError` where they are not such rows."""
    return _ROWS.validate_python(tuple(entries))


def _price(stack: Stack, name: str, pool: Pool) -> PoolPrice:
    machine, warm = find_machine(pool.machine), _warm_nodes(stack, name, pool)
    return PoolPrice(
        pool=name,
        machine=machine.name,
        capacity=pool.capacity,
        falls_back=pool.fallback,
        min_nodes=max(pool.min, warm),
        max_nodes=pool.max,
        warm_nodes=warm,
        on_demand=machine.hourly_usd,
        spot=machine.spot_hourly_usd,
        source=", ".join(filter(None, (machine.cloud, machine.price_source))),
        played=stack.cluster.provider == "kwok",
    )


def _warm_nodes(stack: Stack, name: str, pool: Pool) -> int:
    if not pool.warm:
        return 0
    return ceil(pool.warm / per_node(pool, largest(inhabitants(name, stack.servers))))
