"""`headroom sandbox scenario`: the outer part, which enters the sandbox's network namespace."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from headroom.paths import Clone, NotAClone
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.cli import ELSEWHERE
from headroom.sandbox.process import python
from headroom.sandbox.sandbox import Sandbox
from headroom.sandbox.scenarios import definition
from headroom.sandbox.scenarios.request import ScenarioRequest

MODULE = "headroom.sandbox.scenarios"


def scenario(
    name: Annotated[str | None, typer.Argument(help="A scenario; --list names them.")] = None,
    server: Annotated[str, typer.Option(help="A server of the stack.")] = "demo",
    stack: Annotated[str, typer.Option(help="The stack, which must be up.")] = "local",
    kubeconfig: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Another cluster than the sandbox, for scenarios that send no load.")
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="For machines: the verdict.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="Name every scenario and what it shows.")] = False,
) -> None:
    """Play a scenario on a running stack: load in phases, everything recorded, a verdict. Exit status 1 when it fails.

    What was seen is kept in .headroom/runs: samples, verdict, picture, report.
    """
    if listing:
        for each in definition.names():
            typer.echo(f"{each:<12} {definition.read(each).sentence}")
        return
    try:
        ended = _play(ScenarioRequest(_named(name), server, stack, str(kubeconfig.resolve()) if kubeconfig else None, as_data))
    except (SandboxError, NotAClone) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(ended.returncode)


def _named(name: str | None) -> str:
    if name is None:
        raise SandboxError(f"which scenario? {', '.join(definition.names())}; --list says what they show")
    return name


def _play(request: ScenarioRequest) -> subprocess.CompletedProcess[str]:
    sends = definition.read(request.name).sends
    if request.kubeconfig is None:
        return Sandbox(Clone.find()).run(python(MODULE), input=json.dumps(asdict(request)), text=True)
    if sends:
        raise SandboxError(f"{request.name} sends load: {ELSEWHERE}")
    return subprocess.run(python(MODULE), input=json.dumps(asdict(request)), text=True, check=False)
