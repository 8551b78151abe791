"""The command `headroom`. Each part brings its own commands, imported when they are asked for."""

from __future__ import annotations

import errno
import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from headroom.paths import NoSuchStack, NotAClone
from headroom.refusal import USAGE

_GROUPS = {"sandbox": "headroom.sandbox.cli", "tools": "headroom.tools.cli"}
_COMMANDS = {
    "look": "headroom.look",
    "render": "headroom.look",
    "price": "headroom.look",
    "schema": "headroom.settings.command",
    "verify": "headroom.verify",
    "doctor": "headroom.doctor.cli",
    "charts": "headroom.charts.cli",
    "preview": "headroom.automation.cli",
    "up": "headroom.automation.cli",
    "drift": "headroom.automation.cli",
    "destroy": "headroom.automation.cli",
    "compare": "headroom.automation.compare_cli",
    "comment": "headroom.automation.forge_cli",
}
"""Where a group of commands, or a single one, is defined: a typer app named `app`."""


class _Parts(TyperGroup):
    """Our own commands and those of the parts."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*_COMMANDS, *super().list_commands(ctx), *_GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if module := _GROUPS.get(cmd_name) or _COMMANDS.get(cmd_name):
            part = typer.main.get_command(importlib.import_module(module).app)
            part.name = cmd_name
            return part if cmd_name in _GROUPS else part.commands[cmd_name]  # pyright: ignore[reportAttributeAccessIssue]
        return super().get_command(ctx, cmd_name)


app = typer.Typer(
    cls=_Parts,
    no_args_is_help=True,
    # A value of a variable may be a secret.
    pretty_exceptions_show_locals=False,
    help="Autoscaled GPU inference on any Kubernetes, proven before it deploys.",
)


@app.callback()
def _headroom() -> None:
    pass


@app.command()
def env() -> None:
    """Prepares this clone for plain `pulumi` and `kubectl` commands, and says what a shell sources for them."""
    from headroom.paths import Clone
    from headroom.plugins.install import install
    from headroom.tools import ToolError

    try:
        installation = install(Clone.find())
    except ToolError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    whose = "Pulumi's own CLI and plugins" if installation.official else "a Pulumi CLI built here, with stand-in plugins for the sandbox"
    typer.echo(f"{whose}.\n  source {installation.env_file}")


_UNUSABLE = (errno.EACCES, errno.EROFS, errno.ENOSPC, errno.ENOTDIR)
"""What a clone or a cache may be: not one's own, read-only, full, or a file where a directory is to be."""


def main() -> None:
    """The program: whatever command is asked for, outside a checkout or without its stack it says so."""
    try:
        app(prog_name="headroom")
    except (NotAClone, NoSuchStack) as error:
        typer.echo(str(error), err=True)
        sys.exit(USAGE)
    except OSError as error:
        if error.errno not in _UNUSABLE or error.filename is None:
            raise
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        sys.exit(1)
