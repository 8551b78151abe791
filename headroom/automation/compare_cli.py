"""`headroom compare BASE`: what a change asks for, told without any credential."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Annotated

import typer

from headroom.automation import redaction
from headroom.automation.cli import AsHtml, AsJson, AsMarkdown, make_room, write_report
from headroom.automation.exits import judge
from headroom.automation.forge import run_link
from headroom.paths import Clone
from headroom.refusal import refuse
from headroom.report import renders

app = typer.Typer()


@app.callback()
def _commands() -> None:
    """An app with one command is a command by itself; with this it stays a group of one."""


@app.command("compare")
def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="commit, branch or tag to compare with")],
    stacks: Annotated[
        list[str] | None,
        typer.Argument(metavar="STACK…", help="stacks by name; every stack of either side when left out", show_default=False),
    ] = None,
    as_json: AsJson = False,
    markdown: AsMarkdown = None,
    html: AsHtml = None,
) -> None:
    """Show what the stacks of the working tree ask for beside what those of a commit did, rendered by that commit's own code.

    Nothing is asked of a cluster, a cloud or a state: for pull requests of forks, whose code gets no credential.

    Exit status: 0 done, 1 a stack cannot be rendered, 2 there is no such commit or stack, 3 the verifier found an error.
    """
    clone = Clone.find()
    make_room(markdown, html)
    try:
        known = renders.names(clone, base)
        if unknown := [name for name in stacks or () if name not in known]:
            refuse(f"there is no stack {', '.join(unknown)} here or in {base}; there are: {', '.join(known)}")
        report = renders.compare(clone, base, stacks or known)
    except renders.NoBase as problem:
        refuse(str(problem))
    redact = redaction.Redactor(redaction.of_environment())
    write_report(replace(report, link=run_link(os.environ)), redact, as_json, markdown, html)
    raise typer.Exit(judge(report, detailed=False))
