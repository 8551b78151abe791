"""What stacks cost by the month: at their smallest, at their largest, and now; before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from headroom.report.price import PoolPrice
from headroom.settings.pool import Capacity


@dataclass(frozen=True)
class Monthly:
    """USD by the month of the pools whose price is known."""

    smallest: float = 0
    largest: float = 0
    unpriced: tuple[str, ...] = ()
    """Pools whose price nobody gives: they are in neither sum."""


@dataclass(frozen=True)
class PoolCost:
    """One pool before and after; None on the side that does not have it."""

    pool: str
    before: PoolPrice | None
    after: PoolPrice | None

    @property
    def sides(self) -> tuple[PoolPrice | None, PoolPrice | None]:
        return self.before, self.after


@dataclass(frozen=True)
class Cost:
    """What a stack costs; `before` and `now` are None where they are not known."""

    after: Monthly
    pools: tuple[PoolCost, ...] = ()
    before: Monthly | None = None
    now: float | None = None
    played: bool = False
    """Whether KWOK plays the nodes and nobody is charged."""

    @property
    def known(self) -> bool:
        """Whether there is anything to say: pools, now or before."""
        return any(side and (side.largest or side.unpriced) for side in (self.after, self.before))

    @property
    def changes(self) -> bool:
        return self.before is not None and self.before != self.after

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the prices are from, and of which day."""
        rows = (row for pool in self.pools for row in pool.sides)
        return tuple(dict.fromkeys(row.source for row in rows if row and row.source and row.hourly is not None))


def cost(after: Iterable[PoolPrice], before: Iterable[PoolPrice] | None, nodes: Mapping[str, int] | None) -> Cost:
    """Of one stack. `nodes` are those that run, by pool; what they cost is told by the pools that there were."""
    rows, former = tuple(after), None if before is None else tuple(before)
    running = former if former is not None else rows
    return Cost(
        after=monthly(rows),
        pools=tuple(_pools(rows, former)),
        before=None if former is None else monthly(former),
        now=None if nodes is None else sum(_now(row, nodes.get(row.pool, 0)) for row in running),
        played=any(row.played for row in (*rows, *(former or ()))),
    )


def _pools(after: tuple[PoolPrice, ...], before: tuple[PoolPrice, ...] | None) -> Iterator[PoolCost]:
    news = {row.pool: row for row in after}
    olds = news if before is None else {row.pool: row for row in before}
    for pool in dict.fromkeys((*news, *olds)):
        yield PoolCost(pool, olds.get(pool), news.get(pool))


def least(row: PoolPrice) -> float | None:
    """Of a pool at its smallest."""
    return row.monthly(row.min_nodes, row.hourly)


def most(row: PoolPrice) -> float | None:
    """Of a pool at its largest."""
    return row.monthly(row.max_nodes, _dearest(row))


def monthly(rows: Iterable[PoolPrice]) -> Monthly:
    smallest = largest = 0.0
    unpriced: list[str] = []
    for row in rows:
        at_least, at_most = least(row), most(row)
        if at_least is None or at_most is None:
            unpriced.append(row.pool)
        else:
            smallest, largest = smallest + at_least, largest + at_most
    return Monthly(smallest, largest, tuple(unpriced))


def _dearest(row: PoolPrice) -> float | None:
    """Of one node: where spot ones are not to be had, and others take their place, what those cost."""
    return row.on_demand if row.capacity is Capacity.SPOT and row.falls_back else row.hourly


def _now(row: PoolPrice, nodes: int) -> float:
    return row.monthly(nodes, row.hourly) or 0
