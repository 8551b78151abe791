"""How a command of this program refuses what it is asked: one line on standard error, and an exit status of its own."""

from __future__ import annotations

from typing import NoReturn

import typer

USAGE = 2
"""Nothing was begun: what was asked for is not there, or is not something to ask for."""


def refuse(problem: str) -> NoReturn:
    typer.echo(problem, err=True)
    raise typer.Exit(USAGE)
