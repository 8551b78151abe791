"""`headroom doctor STACK`: whether the loops of a stack hold, what its cluster has, and what to write in the stack file."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from enum import IntEnum
from typing import Annotated

import typer
import yaml
from rich.console import Console

from headroom.desired import render
from headroom.doctor import advise, conflicts, detect, differences, read
from headroom.doctor.access import access
from headroom.doctor.detect import PROMETHEUS_PORT
from headroom.doctor.found import Found
from headroom.doctor.kinds import PREFLIGHT
from headroom.doctor.kinds import rights as least_rights
from headroom.doctor.loop import Loop, Watched, measure, watched
from headroom.doctor.loop.rights import roles
from headroom.doctor.reading import Reading, answers_as_prometheus
from headroom.doctor.text import as_json, on_terminal
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.refusal import USAGE, refuse
from headroom.settings import InvalidStack, load

app = typer.Typer()


@app.callback()
def _commands() -> None:
    """An app with one command is a command by itself; with this it stays a group of one."""


class Exit(IntEnum):
    FINE = 0
    AGAINST = 1
    """`pulumi up` would be refused, or a loop is broken."""
    UNREADABLE = USAGE
    """The stack file is wrong, or no cluster answers."""
    UNKNOWN = 3
    """Nothing worse than what may not be read or cannot be reached, without which something cannot be told."""


_AGAIN = 2.0
"""Seconds from one look to the next while `--wait` waits."""


@app.command("doctor")
def doctor(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="name of a file stacks/Pulumi.STACK.yaml")] = "local",
    as_json_: Annotated[bool, typer.Option("--json", help="everything for a program")] = False,
    rights: Annotated[bool, typer.Option("--rights", help="print the roles that suffice, and ask nothing")] = False,
    wait: Annotated[
        int, typer.Option("--wait", min=0, metavar="SECONDS", help="look again until every link holds, for so long at most")
    ] = 0,
) -> None:
    """Look at a stack's cluster: whether each link from a server's metric to its replicas holds, what is there, what `pulumi up` would
    collide with, and the platform to write in the stack file.

    The cluster is that of the stack: the sandbox, or what KUBECONFIG and the stack's context lead to. All is asked of its API server,
    Prometheus and pods by its proxy. Nothing is changed in it, and the content of no Secret is read.

    Exit status: 0 nothing stands against the stack, 1 `pulumi up` would be refused or a loop is broken, 2 no stack or no cluster, 3
    something could not be told.
    """
    clone = Clone.find()
    clone.known(stack)
    try:
        settings = load(clone.stack_file(stack))
    except InvalidStack as problems:
        refuse(str(problems))
    desired = render(settings)
    servers = watched(settings, desired)
    if rights:
        yaml.safe_dump_all([least_rights(), *roles(servers)], sys.stdout, sort_keys=False)
        return
    way = access(settings.cluster, clone)
    if not way.leads:
        refuse(way.missing)
    try:
        client = Client.from_kubeconfig(way.kubeconfig, context=way.context or "")
        found, loops = _measured(client, servers, wait)
    except ClusterError as error:
        refuse(f"the cluster {settings.cluster.name} does not answer: {error}")
    refused = conflicts(found, settings, desired)
    told = (found, refused, differences(found, settings, desired), advise(found, settings, desired), loops)
    if as_json_:
        typer.echo(json.dumps(as_json(*told), indent=2))
    else:
        Console(highlight=False, soft_wrap=True).print(on_terminal(*told))
    against = refused or any(loop.broken for loop in loops)
    known = found.knows(*PREFLIGHT) and not any(loop.untold for loop in loops)
    raise typer.Exit(Exit.AGAINST if against else Exit.FINE if known else Exit.UNKNOWN)


def _measured(client: Client, servers: tuple[Watched, ...], wait: float) -> tuple[Found, tuple[Loop, ...]]:
    """What there is and the loops, looked at again while one of them does not hold and there is time."""
    deadline = time.monotonic() + wait
    while True:
        found = detect(_asked(client, read(client)))
        loops = measure(client, servers, found)
        if all(loop.there and not loop.broken and not loop.untold for loop in loops) or time.monotonic() > deadline:
            return found, loops
        time.sleep(_AGAIN)


def _asked(client: Client, reading: Reading) -> Reading:
    """With the answers of what looks like a Prometheus."""
    likely = [service for service in detect(reading).services if service.like_prometheus]
    answers = {
        (service.namespace, service.name, PROMETHEUS_PORT): answer
        for service in likely
        if (answer := answers_as_prometheus(client, service.namespace, service.name, PROMETHEUS_PORT)) is not None
    }
    return replace(reading, answers=answers)
