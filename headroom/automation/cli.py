"""`headroom preview | up | refresh | destroy STACK`: Pulumi with the clone's environment, healed before it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from headroom.automation.driver import Driver, PulumiFailed
from headroom.paths import Clone
from headroom.settings import InvalidStack
from headroom.tools import ToolError

app = typer.Typer()

StackName = Annotated[str, typer.Argument(metavar="STACK", help="name of a file stacks/Pulumi.STACK.yaml")]


@app.command()
def preview(stack: StackName) -> None:
    """Show what `up` would change, and change nothing."""
    _run(stack, "preview")


@app.command()
def up(stack: StackName) -> None:
    """Bring the cluster to what the stack file says."""
    _run(stack, "up")


@app.command()
def refresh(stack: StackName) -> None:
    """Read the cluster into the stack's state."""
    _run(stack, "refresh")


@app.command()
def destroy(stack: StackName) -> None:
    """Remove everything that the stack made."""
    _run(stack, "destroy")


def _run(stack: str, operation: str) -> None:
    try:
        status = Driver(Clone.find(), stack, report=lambda line: typer.echo(line, err=True)).run(operation)
    except (InvalidStack, PulumiFailed, ToolError) as failure:
        typer.echo(str(failure), err=True)
        status = 1
    raise typer.Exit(status)
