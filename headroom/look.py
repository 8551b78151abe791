"""`headroom look | render | price`: what a stack asks for, without any tool, cluster or cloud."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.paths import Clone
from headroom.report.asked import asked
from headroom.report.price import PoolPrice, prices
from headroom.settings import InvalidStack, Stack, load
from headroom.settings.pool import Capacity
from headroom.wiring.secrets import without_secrets

app = typer.Typer()
StackName = Annotated[str, typer.Argument(metavar="STACK", help="name of a file stacks/Pulumi.STACK.yaml")]


class _Plain(yaml.SafeDumper):
    """YAML as people write it: no anchors for what happens to be the same."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@app.command("render")
def render_command(
    stacks: Annotated[list[str], typer.Argument(metavar="STACK…", help="names of files stacks/Pulumi.STACK.yaml")],
    release: Annotated[str | None, typer.Option(metavar="NAME", help="print the values of this Helm release of the stack instead")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print objects, releases, node groups and prices for a program: a line for each stack")
    ] = False,
) -> None:
    """Print the desired objects as YAML."""
    for stack in stacks:
        settings, desired = _read(stack)
        if as_json:
            typer.echo(json.dumps(asked(settings, desired)))
        else:
            _print(desired, release)


def _print(desired: Desired, release: str | None) -> None:
    documents = desired.objects if release is None else [_values(desired, release)]
    shown = [without_secrets(document) for document in documents]
    if shown != list(documents):
        typer.echo("values that look like secrets are shown as [redacted]; `headroom verify` names them", err=True)
    yaml.dump_all(shown, sys.stdout, Dumper=_Plain, sort_keys=False, explicit_start=True, width=160)


@app.command()
def price(stack: StackName) -> None:
    """Print what the stack's GPU nodes cost at their smallest and largest."""
    settings, _ = _read(stack)
    Console().print(price_table(prices(settings)))


@app.command()
def look(stack: StackName) -> None:
    """Show what the stack asks for, what is wrong with its wiring, what it costs, and draw it."""
    from headroom.report.picture import draw
    from headroom.report.stack_view import stack_tree
    from headroom.verify import findings_of

    settings, desired = _read(stack)
    console = Console()
    console.print(stack_tree(settings, desired))
    console.print(findings_of(settings, desired))
    console.print(price_table(prices(settings)))
    path = Clone.find().state / "look" / f"{stack}.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draw(settings, desired))
    console.print(f"picture: {path}")


def price_table(rows: tuple[PoolPrice, ...]) -> Table:
    """One line per pool, its own capacity's price marked; a KWOK pool shows what its cloud would charge."""
    played = ", if KWOK did not play them" if any(row.played for row in rows) else ""
    sources = "; ".join(dict.fromkeys(row.source for row in rows if row.source))
    table = Table(title=f"GPU nodes per month{played}", title_justify="left")
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


def _values(desired: Desired, release: str) -> Object:
    known = {found.name: found.values for addon in desired.platform.values() for found in addon.releases}
    if release not in known:
        typer.echo(f"{release} is not a Helm release of this stack; it has: {', '.join(known) or 'none'}", err=True)
        raise typer.Exit(1)
    return known[release]


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"{amount:,.0f}"


def _read(stack: str) -> tuple[Stack, Desired]:
    clone = Clone.find()
    clone.known(stack)
    try:
        settings = load(clone.stack_file(stack))
    except InvalidStack as problems:
        typer.echo(str(problems), err=True)
        raise typer.Exit(1) from None
    return settings, render(settings)
