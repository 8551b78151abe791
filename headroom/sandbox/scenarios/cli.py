"""`headroom sandbox scenario`: the outer part. It deploys what the scenario is about, and enters the sandbox's network to play it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from headroom.paths import Clone
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.scenarios import definition, production
from headroom.sandbox.scenarios.definition import Scenario
from headroom.sandbox.scenarios.request import ScenarioRequest
from headroom.tools import ToolError

DEFAULT_SERVER = "demo"
DEFAULT_STACK = "local"
ELSEWHERE = (
    "load reaches pods by their own addresses, which only the sandbox's network has. On another cluster it would have to go through "
    "`kubectl port-forward` to the Service, which is not implemented: leave --kubeconfig out"
)


def scenario(
    name: Annotated[str | None, typer.Argument(help="A scenario; --list names them.")] = None,
    server: Annotated[str | None, typer.Option(help="A server of the stack; the scenario's own when left out.")] = None,
    stack: Annotated[str | None, typer.Option(help="A stack that is up; when left out, the scenario brings up its own.")] = None,
    short: Annotated[bool, typer.Option("--short", help="The shortened form, as the tests run it.")] = False,
    published: Annotated[bool, typer.Option(help="Afterwards, the published recipe on the same trace, where the scenario has one.")] = True,
    kubeconfig: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Another cluster than the sandbox, for scenarios that send no load.")
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="For machines: the verdict.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="Name every scenario and what it shows.")] = False,
) -> None:
    """Play a scenario: its stack is brought up, load comes in phases, everything is recorded, a verdict. Exit status 1 when it fails.

    What was seen is kept in .headroom/runs: samples, verdict, picture, report.
    """
    if listing:
        for each in definition.names():
            typer.echo(f"{each:<12} {definition.read(each).sentence}")
        return
    try:
        wanted = definition.read(_named(name))
        clone = Clone.find()
        request = _request(str(name), wanted, clone, server, stack, short, kubeconfig, as_data)
        if kubeconfig is not None and wanted.sends:
            raise SandboxError(f"{name} sends load: {ELSEWHERE}")
        own_stack = wanted.stack if stack is None and kubeconfig is None else None
        status = production.produce(clone, wanted, request, deploy=own_stack, published=published)
    except (SandboxError, ToolError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(status)


def _request(
    name: str, wanted: Scenario, clone: Clone, server: str | None, stack: str | None, short: bool, kubeconfig: Path | None, as_data: bool
) -> ScenarioRequest:
    return ScenarioRequest(
        name=name,
        server=server or wanted.server or DEFAULT_SERVER,
        stack=stack or wanted.stack or DEFAULT_STACK,
        kubeconfig=str(kubeconfig.resolve()) if kubeconfig else None,
        as_data=as_data,
        directory=str(clone.state / "runs" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{name}"),
        short=short,
    )


def _named(name: str | None) -> str:
    if name is None:
        raise SandboxError(f"which scenario? {', '.join(definition.names())}; --list says what they show")
    return name
