"""`headroom preview | up | drift | destroy STACK…`: Pulumi over one stack, several or all, healed before it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import yaml
from rich.console import Console

from headroom.automation import redaction
from headroom.automation.driver import Operation, Outcome
from headroom.automation.exits import Exit, judge, table
from headroom.automation.forge import run_link
from headroom.automation.progress import OnTerminal
from headroom.automation.run import Request, plan_of, run, side_by_side
from headroom.automation.terminal import on_terminal
from headroom.paths import Clone
from headroom.refusal import refuse, refuse_named_beside_all
from headroom.report import comment, page
from headroom.report.changes import Report, machine
from headroom.settings import InvalidStack, load
from headroom.settings.cluster import KwokCluster
from headroom.tools import ToolError

app = typer.Typer()

_PACK = "policy"

Stacks = Annotated[list[str] | None, typer.Argument(metavar="STACK…", help="names of files stacks/Pulumi.STACK.yaml", show_default=False)]
AllStacks = Annotated[bool, typer.Option("--all-stacks", help="every stack of this repository")]
AsJson = Annotated[bool, typer.Option("--json", help="the whole report for a program, to standard output")]
AsMarkdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="the report as the comment of a pull request; - for standard output")
]
AsHtml = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="the report as a page for a browser")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="tell by the exit status whether something changes or is lost")]
Parallel = Annotated[int | None, typer.Option(min=1, metavar="N", help="stacks at a time", show_default="one per processor")]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask before anything but the sandbox is changed")]


@app.command(epilog=table())
def preview(
    stacks: Stacks = None,
    all_stacks: AllStacks = False,
    as_json: AsJson = False,
    markdown: AsMarkdown = None,
    html: AsHtml = None,
    exit_code: ExitCode = False,
    parallel: Parallel = None,
    policy: Annotated[bool, typer.Option(help="run the policy pack of this repository")] = True,
    save_plans: Annotated[
        Path | None, typer.Option("--save-plan", metavar="DIR", help="keep the plan of each stack, for `up --plan DIR`")
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="look first at what is there: what has drifted is a change then")] = False,
) -> None:
    """Show what `up` would change, what is wrong with it and what it costs; change nothing."""
    clone, names = _asked(stacks, all_stacks)
    if save_plans:
        _make(save_plans)
        for name in names:
            plan_of(save_plans, name).unlink(missing_ok=True)
    packs = _packs(clone, policy)
    request = Request(Operation.PREVIEW, names, parallel or side_by_side(), policy_packs=packs, save_plans=save_plans, refresh=refresh)
    _run(clone, request, as_json, markdown, html, detailed=exit_code)


@app.command(epilog=table())
def up(
    stacks: Stacks = None,
    all_stacks: AllStacks = False,
    as_json: AsJson = False,
    markdown: AsMarkdown = None,
    html: AsHtml = None,
    yes: Yes = False,
    plans: Annotated[
        Path | None,
        typer.Option("--plan", metavar="DIR", help="do what the saved plans say and nothing else; fail where it is not enough"),
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="look first at what is there, and put back what has drifted")] = False,
    policy: Annotated[bool, typer.Option(help="change nothing where the verifier finds an error")] = True,
) -> None:
    """Bring clusters to what their stack files say, one stack after the other; the first that fails ends it.

    Whoever is asked is shown the preview first. A saved plan was judged when it was made.
    """
    clone, names = _asked(stacks, all_stacks)
    if plans and refresh:
        refuse("--refresh finds what no saved plan knows of: leave it out, or save the plan with `headroom preview --refresh --save-plan`")
    if plans and (missing := [name for name in names if not plan_of(plans, name).is_file()]):
        refuse(f"no plan for {', '.join(missing)} in {plans}: `headroom preview --save-plan {plans} {' '.join(missing)}` saves one")
    if others := _to_ask(clone, names, "changed", yes or plans is not None):
        _show(clone, Request(Operation.PREVIEW, names, side_by_side(), policy_packs=_packs(clone, policy), refresh=refresh))
        _confirm(others, "changed")
    request = Request(Operation.UP, names, plans=plans, refresh=refresh, judged=policy and plans is None)
    _run(clone, request, as_json, markdown, html)


@app.command(epilog=table())
def drift(
    stacks: Stacks = None,
    all_stacks: AllStacks = False,
    as_json: AsJson = False,
    markdown: AsMarkdown = None,
    html: AsHtml = None,
    exit_code: ExitCode = False,
    parallel: Parallel = None,
) -> None:
    """Compare what is there with what `up` left; change nothing. `up --refresh` puts it back."""
    clone, names = _asked(stacks, all_stacks)
    _run(clone, Request(Operation.DRIFT, names, parallel or side_by_side()), as_json, markdown, html, detailed=exit_code)


@app.command(epilog=table())
def destroy(
    stacks: Stacks = None,
    all_stacks: AllStacks = False,
    as_json: AsJson = False,
    markdown: AsMarkdown = None,
    html: AsHtml = None,
    yes: Yes = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="look first at what is there: what is gone already is not deleted")] = False,
) -> None:
    """Remove everything that stacks made, those first that need others."""
    clone, names = _asked(stacks, all_stacks)
    if others := _to_ask(clone, names, "destroyed", yes):
        _confirm(others, "destroyed")
    _run(clone, Request(Operation.DESTROY, names, refresh=refresh), as_json, markdown, html)


def _asked(stacks: list[str] | None, every: bool) -> tuple[Clone, tuple[str, ...]]:
    clone = Clone.find()
    refuse_named_beside_all(stacks or (), every)
    if not every and not stacks:
        refuse("name stacks, or all of them with --all-stacks; this repository has: " + ", ".join(clone.stacks))
    return clone, clone.stacks if every else clone.known(*stacks or ())


def _packs(clone: Clone, policy: bool) -> tuple[Path, ...]:
    pack = clone.root / _PACK
    return (pack,) if policy and (pack / "PulumiPolicy.yaml").is_file() else ()


def _to_ask(clone: Clone, names: tuple[str, ...], become: str, yes: bool) -> list[str]:
    """The stacks that are not touched before somebody agrees: all but the sandbox's. Refuses where there is nobody to ask."""
    others = [] if yes else [name for name in names if not _sandboxed(clone, name)]
    if others and not _somebody_is_there():
        refuse(f"{', '.join(others)}: not the sandbox's, and nobody is there to be asked; --yes lets them be {become}")
    return others


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()


def _confirm(others: list[str], become: str) -> None:
    typer.confirm(f"{', '.join(others)} will be {become}. Go on?", abort=True, err=True)


def _show(clone: Clone, request: Request) -> None:
    """Shows a preview to whoever is asked next; ends where there is nothing to agree to."""
    redact = redaction.Redactor(redaction.of_environment())
    report, _ = _reported(clone, request, redact)
    _on_console(replace(report, stacks=tuple(map(redact.changes, report.stacks))), redact, Console(stderr=True, highlight=False))
    if status := judge(report, detailed=False):
        raise typer.Exit(status)


def _sandboxed(clone: Clone, name: str) -> bool:
    """Whether nothing but the sandbox can be touched: a stack file that is wrong touches nothing."""
    try:
        return isinstance(load(clone.stack_file(name)).cluster, KwokCluster)
    except InvalidStack:
        return True


def _run(clone: Clone, request: Request, as_json: bool, markdown: Path | None, html: Path | None, *, detailed: bool = False) -> NoReturn:
    make_room(markdown, html)
    redact = redaction.Redactor(redaction.of_environment())
    report, outcomes = _reported(clone, request, redact)
    write_report(report, redact, as_json, markdown, html)
    if request.operation is Operation.UP and not as_json:
        _show_outputs(outcomes, redact)
    raise typer.Exit(judge(report, detailed=detailed))


def _reported(clone: Clone, request: Request, redact: redaction.Redactor) -> tuple[Report, dict[str, Outcome]]:
    with OnTerminal(request.operation, Console(stderr=True), redact) as progress:
        try:
            outcomes = run(clone, request, redact, progress)
        except ToolError as failure:
            typer.echo(redact(str(failure)), err=True)
            raise typer.Exit(Exit.ERROR) from None
    changes = tuple(outcome.changes for outcome in outcomes.values())
    return Report(str(request.operation), changes, revision=_revision(clone), link=run_link(os.environ)), outcomes


def make_room(*files: Path | None) -> None:
    """Refuses, before anything is done, where a report could not be written afterwards."""
    for file in files:
        if file is None or str(file) == "-":
            continue
        _make(file.parent)
        if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
            refuse(f"{file} is no file that can be written")


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"{directory} is no directory, and cannot be made one: {error.strerror}")


def write_report(report: Report, redact: redaction.Redactor, as_json: bool, markdown: Path | None, html: Path | None) -> None:
    """The report, redacted, in every form that is asked for; on the terminal where nothing else goes to standard output."""
    report = replace(report, stacks=tuple(map(redact.changes, report.stacks)))
    if markdown:
        _to(markdown, redact.values(comment.markdown(report)))
    if html:
        _to(html, redact.values(page.html(report)))
    if as_json:
        typer.echo(json.dumps(redact.data(machine.as_json(report)), indent=2))
    elif str(markdown) != "-":
        _on_console(report, redact, Console(highlight=False))


def _on_console(report: Report, redact: redaction.Redactor, console: Console) -> None:
    shown = on_terminal(report)
    safe = redact.values(shown.plain)
    console.print(shown if safe == shown.plain else safe, soft_wrap=True, markup=False)


def _to(path: Path, text: str) -> None:
    if str(path) == "-":
        typer.echo(text)
        return
    path.write_text(text)


def _show_outputs(outcomes: dict[str, Outcome], redact: redaction.Redactor) -> None:
    done = {name: outcome for name, outcome in outcomes.items() if not outcome.changes.problem}
    shown = {name: redact.data(dict(outcome.outputs)) for name, outcome in done.items() if outcome.outputs}
    if shown:
        typer.echo(redact.values(yaml.safe_dump(shown, sort_keys=False, width=160)).rstrip())


def _revision(clone: Clone) -> str:
    """The commit that is checked out; empty outside of a repository."""
    asked = subprocess.run(["git", "-C", str(clone.root), "rev-parse", "HEAD"], capture_output=True, text=True)
    return asked.stdout.strip() if asked.returncode == 0 else ""
