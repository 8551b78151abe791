"""`headroom charts`: fills and checks a directory of the platform's charts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headroom import tools
from headroom.catalog.charts import CHARTS
from headroom.catalog.charts.refresh import check as departures
from headroom.charts.mirror import CannotReach, Mirror, WrongChart

app = typer.Typer()

_ELSEWHERE = (
    "Run this where there is a network and carry the directory over, or fill it by hand with the files named in docs/charts.md; "
    "`headroom charts DIRECTORY --check` then says whether it is whole."
)


@app.callback()
def _commands() -> None:
    """An app with one command is a command by itself; with this it stays a group of one."""


@app.command()
def charts(
    directory: Annotated[Path, typer.Argument(help="where the packaged charts are, for `platform.charts.source`")] = Path("charts"),
    check: Annotated[bool, typer.Option("--check", help="fetch nothing, only say whether all are there and right")] = False,
) -> None:
    """Fetch every pinned chart into a directory and check it: name, version, the digest that was recorded, and its values' keys."""
    wanted = CHARTS.values()
    try:
        if check:
            mirror = Mirror(directory)
            for chart in [*wanted, *(chart.of_definitions for chart in wanted if chart.keeps_definitions_old)]:
                mirror.check(chart)
        else:
            helm = tools.require("helm")["helm"] if Mirror(directory).missing(wanted) else None
            Mirror(directory, helm).fill(wanted, lambda line: typer.echo(f"  {line}"))
    except CannotReach as failure:
        typer.echo(f"{failure}\n{_ELSEWHERE}", err=True)
        raise typer.Exit(1) from None
    except (WrongChart, tools.ToolError) as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None
    # They can be installed; what is kept of their values is what is wrong.
    for line in departures(directory):
        typer.echo(f"  {line}", err=True)
    typer.echo(f"{len(wanted)} charts in {directory}, as pinned: a stack takes them with `platform: {{charts: {{source: {directory}}}}}`")
