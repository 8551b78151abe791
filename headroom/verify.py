"""`headroom verify`: whether a metric in a pod leads to a replica count, over anybody's manifests or over stacks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, RenderableType
from rich.markdown import Markdown

from headroom.refusal import USAGE, refuse, refuse_named_beside_all
from headroom.report.findings import as_json, on_terminal
from headroom.report.sarif import as_sarif, repository
from headroom.wiring.document import Document, Place
from headroom.wiring.finding import Finding, Severity
from headroom.wiring.gather import is_read
from headroom.wiring.registry import all_checks
from headroom.wiring.source import UnreadableInput, load
from headroom.wiring.verify import verify

if TYPE_CHECKING:
    from headroom.desired import Desired
    from headroom.settings import Stack

app = typer.Typer()


@app.callback()
def _commands() -> None:
    """An app with one command is a command by itself; with this it stays a group of one."""


_NOTHING = (
    "nothing in it is anything to judge: no workload, Service, monitor, rule or autoscaler, and no Helm values that are known here; "
    "a stack of this repository is named with -s"
)


class Exit(IntEnum):
    FINE = 0
    """No errors. Warnings do not count."""
    ERRORS = 1
    UNREADABLE = USAGE
    UNKNOWN = 3
    """Nothing worse than something that the manifests do not tell."""


@app.command("verify")
def verify_command(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH…", help="files and directories of YAML", show_default=False)] = None,
    stacks: Annotated[list[str] | None, typer.Option("--stack", "-s", metavar="STACK", help="a stack of this repository")] = None,
    all_stacks: Annotated[bool, typer.Option("--all-stacks", help="every stack of this repository")] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="findings for a program")] = False,
    as_sarif_: Annotated[bool, typer.Option("--sarif", help="findings for a code host, SARIF 2.1.0")] = False,
    security: Annotated[bool, typer.Option(help="judge the security baseline too")] = False,
    allow_unknown: Annotated[bool, typer.Option(help="exit 0 although something could not be told")] = False,
    explain: Annotated[str | None, typer.Option(metavar="CHECK", help="print why a check matters and how to mend what it finds")] = None,
    list_checks: Annotated[bool, typer.Option("--list", help="print every check")] = False,
) -> None:
    """Follow the chain from the metric in a pod to the replica count, and name every link that does not hold.

    Verify everything that belongs together at once: the server, its monitor and rules, the autoscaler, and the values of
    prometheus-adapter and kube-prometheus-stack. What the files do not tell is reported as not known, never as fine.

    Exit status: 0 no errors, 1 errors, 2 unreadable input, 3 something could not be told.
    """
    if as_json_ and as_sarif_:
        refuse("--json and --sarif are two forms of the same: leave one of them out")
    refuse_named_beside_all(stacks or (), all_stacks)
    if explain or list_checks:
        if paths or stacks or all_stacks:
            refuse("--explain and --list tell of checks and judge nothing: leave them out, or what is to be judged")
        _explain(explain)
        return
    findings = _findings(paths or [], _stack_names(stacks or [], all_stacks), security)
    if as_json_:
        typer.echo(json.dumps(as_json(findings), indent=2))
    elif as_sarif_:
        typer.echo(json.dumps(as_sarif(findings, all_checks(), repository(Path.cwd())), indent=2))
    else:
        Console(highlight=False).print(on_terminal(findings))
    raise typer.Exit(exit_status(findings, allow_unknown))


def exit_status(findings: Iterable[Finding], allow_unknown: bool) -> Exit:
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Exit.ERRORS
    return Exit.UNKNOWN if Severity.UNKNOWN in severities and not allow_unknown else Exit.FINE


def findings_of(settings: Stack, desired: Desired) -> RenderableType:
    """A stack's findings for a terminal."""
    from headroom.report.stack_findings import stack_findings

    return on_terminal(stack_findings(settings, desired))


def _findings(paths: Sequence[Path], stacks: Sequence[str], security: bool) -> list[Finding]:
    if not paths and not stacks:
        refuse("name files or directories, or a stack with -s: headroom verify PATH…")
    try:
        found = verify(_read(paths), security=security) if paths else []
    except UnreadableInput as problem:
        refuse(str(problem))
    for name in stacks:
        found += _of_stack(name, security)
    return found


def _read(paths: Sequence[Path]) -> list[Document]:
    """What is in the files. Where none of it is anything to judge, nothing being found would be no answer."""
    documents = load(paths)
    if not any(map(is_read, documents)):
        raise UnreadableInput(_NOTHING, ", ".join(map(str, paths)))
    return documents


def _of_stack(name: str, security: bool) -> list[Finding]:
    from headroom.desired import render
    from headroom.paths import Clone, NoSuchStack, NotAClone
    from headroom.report.stack_places import findings_in_file
    from headroom.settings import InvalidStack
    from headroom.settings import load as load_stack

    try:
        clone = Clone.find()
        clone.known(name)
        file = clone.stack_file(name)
        settings = load_stack(file)
    except (InvalidStack, NotAClone, NoSuchStack) as problem:
        refuse(str(problem))
    found = findings_in_file(settings, render(settings), file, security=security)
    return [replace(finding, place=_from_here(finding.place, clone.root)) for finding in found]


def _from_here(place: Place, root: Path) -> Place:
    """The place with its file as the working directory's users name it, like the files that are given as arguments."""
    return replace(place, file=os.path.relpath(root / place.file)) if place.file else place


def _stack_names(named: Sequence[str], every: bool) -> list[str]:
    from headroom.paths import Clone

    return list(Clone.find().stacks if every else named)


def _explain(name: str | None) -> None:
    checks = all_checks()
    console = Console(highlight=False)
    if name is None:
        for check in checks.values():
            console.print(f"[bold]{check.name}[/]  {check.title}")
        return
    if name not in checks:
        refuse(f"there is no check {name}; headroom verify --list names them")
    console.print(Markdown(checks[name].as_page()))
