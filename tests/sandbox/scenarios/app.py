"""The two commands alone."""

from __future__ import annotations

import typer

from headroom.sandbox.load.cli import load
from headroom.sandbox.scenarios.cli import scenario

app = typer.Typer()
app.command()(load)
app.command()(scenario)
