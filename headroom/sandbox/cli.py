"""`headroom sandbox`: the local control plane."""

from __future__ import annotations

import json
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from headroom.paths import Clone
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.cli import load
from headroom.sandbox.sandbox import Sandbox
from headroom.sandbox.scenarios.cli import scenario
from headroom.sandbox.status import Status, as_json
from headroom.tools import ToolError

app = typer.Typer(
    no_args_is_help=True, help="The local control plane: a real Kubernetes with fake GPU nodes, as processes of this machine."
)
app.command()(load)
app.command()(scenario)
app.command()(scenario)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command()
def up(bare: Annotated[bool, typer.Option(help="Only Kubernetes and its nodes, without the monitoring platform.")] = False) -> None:
    """Start it, or mend what of it is broken. Builds the tools that are missing."""
    try:
        sandbox = Sandbox(Clone.find())
        sandbox.up(bare=bare, report=lambda message: typer.echo(f"  {message}"))
    except (SandboxError, ToolError) as error:
        fail(error)
    else:
        typer.echo(f"The sandbox is up: export KUBECONFIG={sandbox.kubeconfig}")


@app.command()
def down() -> None:
    """End every process of it and remove its files."""
    try:
        Sandbox(Clone.find()).down(report=typer.echo)
    except SandboxError as error:
        fail(error)


@app.command()
def status(as_data: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Every process, its health and its log, and the URLs. Exit status 1 unless all is well."""
    try:
        now = Sandbox(Clone.find()).status()
    except SandboxError as error:
        fail(error)
    if as_data:
        typer.echo(json.dumps(as_json(now), indent=2))
    else:
        _show(now)
    raise typer.Exit(0 if now.state == "healthy" else 1)


@app.command(context_settings=PASS_ON, add_help_option=False)
def kubectl(context: typer.Context) -> None:
    """kubectl as the administrator of the sandbox."""
    try:
        Sandbox(Clone.find()).kubectl(context.args)
    except (SandboxError, ToolError) as error:
        fail(error)


def fail(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)


def _show(now: Status) -> None:
    console = Console(file=sys.stdout)
    if now.state == "down":
        console.print("The sandbox is down. Start it: headroom sandbox up")
        return
    table = Table("process", "pid", "state", "log", box=None, pad_edge=False)
    for process in now.processes:
        table.add_row(process.name, str(process.pid), process.state, process.log)
    console.print(table)
    for process in now.processes:
        if process.state != "healthy":
            console.print(f"\n[bold]{process.name}[/bold] is {process.state}: {process.detail}", highlight=False)
            for line in process.last_lines:
                console.print(f"    {line}", markup=False, highlight=False)
    console.print()
    for name, url in now.urls.items():
        console.print(f"{name:<16} {url}", highlight=False)
    console.print(f"{'KUBECONFIG':<16} {now.kubeconfig}", highlight=False)
