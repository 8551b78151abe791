"""`headroom verify`: whether a metric in a pod leads to a replica count, over anybody's manifests or over stacks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console, RenderableType
from rich.markdown import Markdown

from headroom.report.findings import as_json, as_sarif, on_terminal
from headroom.wiring.document import Document
from headroom.wiring.finding import Finding, Severity
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


class Exit(IntEnum):
    FINE = 0
    """No errors. Warnings do not count."""
    ERRORS = 1
    UNREADABLE = 2
    UNKNOWN = 3
    """Nothing worse than something that the manifests do not tell."""


@app.command("verify")
def verify_command(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH…", help="files and directories of YAML", show_default=False)] = None,
    stacks: Annotated[list[str] | None, typer.Option("--stack", "-s", metavar="STACK", help="a stack of this repository")] = None,
    all_stacks: Annotated[bool, typer.Option("--all-stacks", help="every stack of this repository")] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="findings for a program")] = False,
    as_sarif_: Annotated[bool, typer.Option("--sarif", help="findings for a code host, SARIF 2.1.0")] = False,
    allow_unknown: Annotated[bool, typer.Option(help="exit 0 although something could not be told")] = False,
    explain: Annotated[str | None, typer.Option(metavar="CHECK", help="print why a check matters and how to mend what it finds")] = None,
    list_checks: Annotated[bool, typer.Option("--list", help="print every check")] = False,
) -> None:
    """Follow the chain from the metric in a pod to the replica count, and name every link that does not hold.

    Verify everything that belongs together at once: the server, its monitor and rules, the autoscaler, and the values of
    prometheus-adapter and kube-prometheus-stack. What the files do not tell is reported as not known, never as fine.

    Exit status: 0 no errors, 1 errors, 2 unreadable input, 3 something could not be told.
    """
    if explain or list_checks:
        _explain(explain)
        return
    findings = _findings(paths or [], _stack_names(stacks or [], all_stacks))
    if as_json_ or as_sarif_:
        titles = {name: check.title for name, check in all_checks().items()}
        typer.echo(json.dumps(as_json(findings) if as_json_ else as_sarif(findings, titles), indent=2))
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
    return on_terminal(stack_findings(settings, desired))


def stack_findings(settings: Stack, desired: Desired) -> list[Finding]:
    """A stack's findings. Its objects are all there is, so what is missing is an error."""
    return verify([*desired.objects, *platform_of(settings)], closed=True)


def platform_of(settings: Stack) -> list[Document]:
    """What is known of the platform: what a stack installs, and the sandbox's own, which runs on the same values."""
    from headroom.desired.platform import monitoring, prometheus_adapter, traefik
    from headroom.desired.platform.addon import overlaid
    from headroom.settings.platform import Mode

    platform, on = settings.platform, settings.cluster.runs_on
    ours = {Mode.HELM, Mode.EXISTING} if settings.cluster.provider == "kwok" else {Mode.HELM}
    rendered = (
        (platform.monitoring, monitoring.values, platform.monitoring.release),
        (platform.prometheus_adapter, prometheus_adapter.values, None),
        (platform.traefik, traefik.values, platform.traefik.release),
    )
    return [
        Document(overlaid(values(platform, on), add_on.overrides), release=release)
        for add_on, values, release in rendered
        if add_on.mode in ours
    ]


def _findings(paths: Sequence[Path], stacks: Sequence[str]) -> list[Finding]:
    if not paths and not stacks:
        _refuse("name files or directories, or a stack with -s: headroom verify PATH…")
    try:
        found = verify(load(paths)) if paths else []
    except UnreadableInput as problem:
        _refuse(str(problem))
    for name in stacks:
        found += _of_stack(name)
    return found


def _of_stack(name: str) -> list[Finding]:
    from headroom.desired import render
    from headroom.paths import Clone, NotAClone
    from headroom.settings import InvalidStack
    from headroom.settings import load as load_stack

    try:
        settings = load_stack(Clone.find().stack_file(name))
    except (InvalidStack, NotAClone) as problem:
        _refuse(str(problem))
    return stack_findings(settings, render(settings))


def _stack_names(named: Sequence[str], every: bool) -> list[str]:
    from headroom.paths import Clone

    if not every:
        return list(named)
    files = sorted((Clone.find().root / "stacks").glob("Pulumi.*.yaml"))
    return [file.stem.removeprefix("Pulumi.") for file in files]


def _explain(name: str | None) -> None:
    checks = all_checks()
    console = Console(highlight=False)
    if name is None:
        for check in checks.values():
            console.print(f"[bold]{check.name}[/]  {check.title}")
        return
    if name not in checks:
        _refuse(f"there is no check {name}; headroom verify --list names them")
    console.print(Markdown(checks[name].as_page()))


def _refuse(problem: str) -> NoReturn:
    typer.echo(problem, err=True)
    raise typer.Exit(Exit.UNREADABLE)
