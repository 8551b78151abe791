"""`headroom schema`: writes what is generated from the settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from headroom.paths import Clone
from headroom.settings.reference import markdown
from headroom.settings.schema import stack_schema

app = typer.Typer()


def generated(root: Path) -> dict[Path, str]:
    """The text of every file that is made from the settings."""
    return {
        root / "stacks" / "schema.json": json.dumps(stack_schema(), indent=2, ensure_ascii=False) + "\n",
        root / "docs" / "settings.md": markdown(),
    }


@app.command()
def schema(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a file is not what it would be.")] = False,
) -> None:
    """Write stacks/schema.json, which editors check stack files with, and docs/settings.md, the reference of every setting."""
    files = generated(Clone.find().root)
    stale = [path for path, text in files.items() if not path.is_file() or path.read_text() != text]
    for path in stale:
        typer.echo(f"stale: {path}" if check else f"written: {path}")
        if not check:
            path.write_text(files[path])
    if check and stale:
        typer.echo("run `headroom schema` and commit what it writes", err=True)
        raise typer.Exit(1)


@app.callback()
def _settings() -> None:
    pass
