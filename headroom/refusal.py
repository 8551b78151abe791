"""How a command of this program refuses what it is asked: one line on standard error, and an exit status of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import typer

USAGE = 2
"""Nothing was begun: what was asked for is not there, or is not something to ask for."""


def refuse(problem: str) -> NoReturn:
    typer.echo(problem, err=True)
    raise typer.Exit(USAGE)


def refuse_named_beside_all(stacks: Sequence[str], every: bool) -> None:
    """Refuses stacks that are named beside `--all-stacks`: only one of the two can be meant."""
    if every and stacks:
        refuse(f"--all-stacks is every stack, {', '.join(stacks)} among them: leave one of the two out")
