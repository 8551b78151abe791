"""What GPU nodes cost, for a terminal."""

from __future__ import annotations

from rich.table import Table

from headroom.report.price import PoolPrice
from headroom.settings.pool import Capacity


def price_table(rows: tuple[PoolPrice, ...], of: str | None = None) -> Table:
    """One line per pool, its own capacity's price marked; a KWOK pool shows what its cloud would charge."""
    played = ", if KWOK did not play them" if any(row.played for row in rows) else ""
    sources = "; ".join(dict.fromkeys(row.source for row in rows if row.source))
    table = Table(title=f"GPU nodes {f'of {of} ' if of else ''}per month{played}", title_justify="left")
    table.caption, table.caption_justify = f"prices in USD: {sources or 'none'}; * is what the pool's nodes are", "left"
    warm = any(row.warm_nodes for row in rows)
    for column in ("pool", "machine", "nodes", "on demand", "spot", *(["of it idle, held warm"] if warm else [])):
        table.add_column(column)
    for row in rows:
        is_spot = row.capacity is Capacity.SPOT
        money = [_range(row, row.on_demand, not is_spot or row.falls_back), _range(row, row.spot, is_spot)]
        idle = [_usd(row.monthly(row.warm_nodes, row.hourly))] if warm else []
        table.add_row(row.pool, row.machine, f"{row.min_nodes} to {row.max_nodes}", *money, *idle)
    return table


def _range(row: PoolPrice, hourly: float | None, own: bool) -> str:
    """From the smallest to the largest, a star where the pool's nodes cost that."""
    if hourly is None:
        return f"unknown{' *' * own}"
    return f"{_usd(row.monthly(row.min_nodes, hourly))} to {_usd(row.monthly(row.max_nodes, hourly))}{' *' * own}"


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"{amount:,.0f}"
