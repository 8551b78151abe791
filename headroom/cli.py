"""The command `headroom`. Each part brings its own commands; nothing heavy is imported before a command runs."""

from __future__ import annotations

import importlib.util

import typer

app = typer.Typer(no_args_is_help=True, help="Autoscaled GPU inference on any Kubernetes, proven before it deploys.")

for _part in ("tools", "sandbox"):
    if importlib.util.find_spec(f"headroom.{_part}.cli"):
        app.add_typer(importlib.import_module(f"headroom.{_part}.cli").app, name=_part)
