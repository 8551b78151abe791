"""`headroom look | render | price`: what a stack asks for, without any tool, cluster or cloud."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.paths import Clone
from headroom.report.price import PoolPrice, prices
from headroom.settings import InvalidStack, Stack, load

app = typer.Typer()
StackName = Annotated[str, typer.Argument(metavar="STACK", help="name of a file stacks/Pulumi.STACK.yaml")]


class _Plain(yaml.SafeDumper):
    """YAML as people write it: no anchors for what happens to be the same."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@app.command("render")
def render_command(
    stack: StackName,
    release: Annotated[str | None, typer.Option(metavar="NAME", help="print the values of this Helm release of the stack instead")] = None,
) -> None:
    """Print the desired objects as YAML."""
    _, desired = _read(stack)
    documents = desired.objects if release is None else [_values(desired, release)]
    yaml.dump_all(documents, sys.stdout, Dumper=_Plain, sort_keys=False, width=160)


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
    """One line per pool; a KWOK pool shows what its cloud would charge."""
    played = ", if KWOK did not play them" if any(row.played for row in rows) else ""
    sources = "; ".join(dict.fromkeys(row.source for row in rows))
    table = Table(title=f"GPU nodes per month, on demand{played}", title_justify="left")
    table.caption, table.caption_justify = f"prices: {sources}", "left"
    warm = any(row.warm_nodes for row in rows)
    for column in ("pool", "machine", "nodes", "at the smallest", "at the largest", *(["of it idle, held warm"] if warm else [])):
        table.add_column(column)
    for row in rows:
        money = [_usd(row.monthly(nodes)) for nodes in (row.min_nodes, row.max_nodes, *([row.warm_nodes] if warm else []))]
        table.add_row(row.pool, row.machine, f"{row.min_nodes} to {row.max_nodes}", *money)
    return table


def _values(desired: Desired, release: str) -> Object:
    known = {found.name: found.values for addon in desired.platform.values() for found in addon.releases}
    if release not in known:
        typer.echo(f"{release} is not a Helm release of this stack; it has: {', '.join(known) or 'none'}", err=True)
        raise typer.Exit(1)
    return known[release]


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"{amount:,.0f} USD"


def _read(stack: str) -> tuple[Stack, Desired]:
    try:
        settings = load(Clone.find().stack_file(stack))
    except InvalidStack as problems:
        typer.echo(str(problems), err=True)
        raise typer.Exit(1) from None
    return settings, render(settings)
