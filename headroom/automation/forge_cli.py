"""`headroom comment FILE`: puts a rendered comment on its pull request, where the one before it is changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from headroom.automation.forge import PUBLIC_API, ForgeRefused, Head, about
from headroom.automation.forge_github import ACTIONS, GitHub

app = typer.Typer()


@app.callback()
def _commands() -> None:
    """An app with one command is a command by itself; with this it stays a group of one."""


@app.command("comment")
def comment(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Markdown whose first line is its marker", exists=True, dir_okay=False)],
    number: Annotated[int | None, typer.Option("--pull-request", help="its number; the job's when left out")] = None,
    repository: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="where it is; the job's when left out")] = None,
    author: Annotated[str, typer.Option(metavar="LOGIN", help="who the token writes as: only their comment is changed")] = ACTIONS,
) -> None:
    """Put a comment on a pull request on GitHub: made once, changed from then on.

    The token is taken from GITHUB_TOKEN and needs `pull-requests: write`. In a job of GitHub Actions, repository and pull request are
    those of the job's event; for a workflow_run those that the finished run was for, and nothing is written where the pull request has
    moved on since or is closed.

    Exit status: 0 done, 1 refused, 2 the command line is wrong.
    """
    token = os.environ.get("GITHUB_TOKEN")
    if not token:
        typer.echo("GITHUB_TOKEN is not set: give the step `env: {GITHUB_TOKEN: ${{ github.token }}}`", err=True)
        raise typer.Exit(2)
    forge = GitHub(token, os.environ.get("GITHUB_API_URL") or PUBLIC_API)
    try:
        pull = about(os.environ, repository, number)
        if isinstance(pull, Head):
            pull = forge.open_pull_request(pull)
        if pull is None:
            typer.echo("no open pull request has this commit as its last: nothing is written")
            return
        put = forge.put_comment(pull, file.read_text(encoding="utf-8"), author)
    except ForgeRefused as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{put.outcome}: {put.url}")
