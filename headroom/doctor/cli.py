"""`headroom doctor STACK`: what the cluster of a stack has, and what to write in the stack file."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from enum import IntEnum
from typing import Annotated, NoReturn

import typer
import yaml
from rich.console import Console

from headroom.desired import render
from headroom.doctor import advise, conflicts, detect, differences, read
from headroom.doctor.access import access
from headroom.doctor.detect import PROMETHEUS_PORT
from headroom.doctor.kinds import PREFLIGHT
from headroom.doctor.kinds import rights as least_rights
from headroom.doctor.reading import Reading, answers_as_prometheus
from headroom.doctor.text import as_json, on_terminal
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.settings import InvalidStack, load

app = typer.Typer()


@app.callback()
def _commands() -> None:
    """An app with one command is a command by itself; with this it stays a group of one."""


class Exit(IntEnum):
    FINE = 0
    CONFLICTS = 1
    UNREADABLE = 2
    """The stack file is wrong, or no cluster answers."""
    UNKNOWN = 3
    """Nothing worse than a list that may not be read, without which something cannot be told."""


@app.command("doctor")
def doctor(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="name of a file stacks/Pulumi.STACK.yaml")] = "local",
    as_json_: Annotated[bool, typer.Option("--json", help="everything for a program")] = False,
    rights: Annotated[bool, typer.Option("--rights", help="print the ClusterRole that suffices, and ask nothing")] = False,
) -> None:
    """Look at a stack's cluster: what is there, what `pulumi up` would collide with, and the platform to write in the stack file.

    The cluster is that of the stack: the sandbox, or what KUBECONFIG and the stack's context lead to. Nothing is changed in it, and the
    content of no Secret is read.

    Exit status: 0 nothing stands against the stack, 1 `pulumi up` would be refused, 2 no stack or no cluster, 3 something may not be read.
    """
    if rights:
        yaml.safe_dump(least_rights(), sys.stdout, sort_keys=False)
        return
    clone = Clone.find()
    try:
        settings = load(clone.stack_file(stack))
    except InvalidStack as problems:
        _refuse(str(problems))
    way = access(settings.cluster, clone)
    if not way.kubeconfig.is_file():
        _refuse(f"there is no kubeconfig at {way.kubeconfig}: {way.remedy}")
    try:
        client = Client.from_kubeconfig(str(way.kubeconfig), context=way.context or "")
        found = detect(_asked(client, read(client)))
    except ClusterError as error:
        _refuse(f"the cluster {settings.cluster.name} does not answer: {error}")
    desired = render(settings)
    told = (found, conflicts(found, settings, desired), differences(found, settings, desired), advise(found, settings, desired))
    if as_json_:
        typer.echo(json.dumps(as_json(*told), indent=2))
    else:
        Console(highlight=False, soft_wrap=True).print(on_terminal(*told))
    raise typer.Exit(Exit.CONFLICTS if told[1] else Exit.FINE if found.knows(*PREFLIGHT) else Exit.UNKNOWN)


def _asked(client: Client, reading: Reading) -> Reading:
    """With the answers of what looks like a Prometheus."""
    likely = [service for service in detect(reading).services if service.like_prometheus]
    answers = {
        (service.namespace, service.name, PROMETHEUS_PORT): answer
        for service in likely
        if (answer := answers_as_prometheus(client, service.namespace, service.name, PROMETHEUS_PORT)) is not None
    }
    return replace(reading, answers=answers)


def _refuse(problem: str) -> NoReturn:
    typer.echo(problem, err=True)
    raise typer.Exit(Exit.UNREADABLE)
