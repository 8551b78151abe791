"""`headroom sandbox load`: the outer part, which enters the network namespace where the pods can be reached."""

from __future__ import annotations

from typing import Annotated

import typer

from headroom.paths import Clone
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.generator import MAX_REQUESTS, TIMEOUT_SECONDS, Loop
from headroom.sandbox.load.request import LoadRequest
from headroom.sandbox.load.steps import parse
from headroom.sandbox.process import python
from headroom.sandbox.sandbox import Sandbox


def load(
    server: Annotated[str, typer.Argument(help="A server of the stack, such as demo.")],
    steps: Annotated[
        str, typer.Option(help="LEVEL:DURATION, one after the other; a level is a number of requests, or streams, in flight.")
    ] = "10:60s",
    rate: Annotated[bool, typer.Option("--rate", help="Levels are requests per second, however many are still open.")] = False,
    stack: Annotated[str, typer.Option(help="The stack that the server belongs to.")] = "local",
    max_requests: Annotated[int, typer.Option(min=1, max=MAX_REQUESTS, help="Stop after so many requests.")] = MAX_REQUESTS,
    timeout: Annotated[float, typer.Option(min=0.1, max=600, help="Seconds after which a request counts as failed.")] = TIMEOUT_SECONDS,
    options: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=NUMBER", help="An option of the engine's protocol, such as output-tokens=50.")
    ] = None,
    direct: Annotated[bool, typer.Option("--direct", help="Send to the pods themselves although the server has a route.")] = False,
    as_data: Annotated[bool, typer.Option("--json", help="For machines: totals and a summary per second.")] = False,
) -> None:
    """Send inference requests to a server, step by step: through Traefik where it has a route, else to its ready pods.

    Exit status 1 when a request failed.

    `headroom sandbox load demo --steps 1:10s,10:40s,0:60s`
    """
    try:
        request = LoadRequest(
            server, stack, parse(steps), Loop.OPEN if rate else Loop.CLOSED, max_requests, timeout, as_data, _numbers(options or []), direct
        )
        ended = Sandbox(Clone.find()).run(python("headroom.sandbox.load"), input=request.to_json(), text=True)
    except (SandboxError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(ended.returncode)


def _numbers(pairs: list[str]) -> dict[str, float]:
    """Raises `ValueError` that names the pair and what would be right."""
    numbers: dict[str, float] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        try:
            numbers[name] = float(text)
        except ValueError:
            raise ValueError(f"{pair!r} sets no option: write NAME=NUMBER, such as output-tokens=50") from None
    return numbers
