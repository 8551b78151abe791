"""`headroom sandbox`: the local control plane."""

from __future__ import annotations

import importlib
import json
import shlex
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from headroom.paths import Clone
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.sandbox import STACK, Sandbox
from headroom.sandbox.status import Status, as_json
from headroom.tools import ToolError

_COMMANDS = {"load": "headroom.sandbox.load.cli", "scenario": "headroom.sandbox.scenarios.cli"}
"""Commands of other parts, by the module with a function of the same name."""


class _Parts(TyperGroup):
    """Our own commands, and those of the parts, imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *_COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        part = typer.Typer()
        part.command(cmd_name)(getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name))
        return typer.main.get_command(part)


app = typer.Typer(
    cls=_Parts,
    add_completion=False,
    no_args_is_help=True,
    help="The local control plane: a real Kubernetes with fake GPU nodes, as processes of this machine.",
)
KNOWN = (SandboxError, ToolError)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command()
def up(
    stack: Annotated[str, typer.Argument(help="The stack whose platform runs in it.")] = STACK,
    bare: Annotated[bool, typer.Option(help="Only Kubernetes and its nodes, without the platform.")] = False,
) -> None:
    """Start it, or mend what of it is broken. Builds the tools that are missing."""
    clone = _clone_with(stack)
    try:
        sandbox = Sandbox(clone)
        sandbox.up(stack=stack, bare=bare, report=lambda message: typer.echo(f"  {message}"))
    except KNOWN as error:
        fail(error)
    else:
        typer.echo(f"The sandbox is up: export KUBECONFIG={shlex.quote(str(sandbox.kubeconfig))}")


@app.command()
def build(stack: Annotated[str, typer.Argument(help="The stack that shall come up.")] = STACK) -> None:
    """Build what is missing to bring up the sandbox and a stack: once, with the time that is left."""
    clone = _clone_with(stack)
    try:
        Sandbox(clone).build(stack)
    except KNOWN as error:
        fail(error)


@app.command()
def down() -> None:
    """End every process of it and remove its files."""
    try:
        Sandbox(Clone.find()).down(report=typer.echo)
    except KNOWN as error:
        fail(error)


@app.command()
def status(as_data: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Every process, its health and its log, and the URLs. Exit status 1 unless all is well."""
    try:
        now = Sandbox(Clone.find()).status()
    except KNOWN as error:
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
    except KNOWN as error:
        fail(error)


def _clone_with(stack: str) -> Clone:
    """The clone, which has the stack; without a stack `local` the sandbox has the default platform."""
    clone = Clone.find()
    if stack != STACK:
        clone.known(stack)
    return clone


def fail(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)


def _show(now: Status) -> None:
    if now.state == "down":
        typer.echo("The sandbox is down. Start it: headroom sandbox up")
        return
    for process in now.processes:
        typer.echo(f"{process.name:<24} {process.pid:>7}  {process.state:<10} {process.log}")
    for process in now.processes:
        if process.state != "healthy":
            typer.echo(f"\n{process.name} is {process.state}: {process.detail}")
            for line in process.last_lines:
                typer.echo(f"    {line}")
    if not now.whole:
        typer.echo("\nNot all of it is there: the last `headroom sandbox up` did not come to its end, or has not yet. Run it again.")
    typer.echo()
    for name, place in {**now.urls, "KUBECONFIG": now.kubeconfig}.items():
        typer.echo(f"{name:<24} {place}")
