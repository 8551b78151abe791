"""A language model's server as a process: the OpenAI API, health and metrics on one port, until it is told to end."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from headroom.sandbox.engines import exposition
from headroom.sandbox.engines.core import until_told_to_end
from headroom.sandbox.engines.http import Request, Response, Server
from headroom.sandbox.engines.llm import Batch, capacity
from headroom.sandbox.engines.llm_metrics import Families, Version
from headroom.sandbox.engines.openai import Api

IMAGE = "SANDBOX_IMAGE"
_NUMBERS = re.compile(r":v?(\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Profile:
    """What distinguishes one such server from another. `health` are the paths that answer when it serves."""

    title: str
    model: str
    version: Version
    health: tuple[str, ...]
    metrics_path: str
    metrics: Callable[[Batch, str, Version], Families]
    context: int
    """Tokens of a prompt and its answer together, at most."""


def version(newest: Version) -> Version:
    """Of the image that the container was made from; the newest known one where its tag does not tell."""
    found = _NUMBERS.search(os.environ.get(IMAGE, ""))
    return tuple(int(number) for number in found[1].split(".")) if found else newest


async def serve(profile: Profile, host: str, port: int, exit_seconds: float) -> int:
    """The exit status: 1 when requests were still running `exit_seconds` after it was told to end."""
    batch = Batch(capacity())
    api = Api(profile.model, profile.context, batch)

    async def answer(request: Request) -> Response:
        if request.path in profile.health:
            return Response.of({"object": "health.response", "message": "Service is ready."})
        if request.path == profile.metrics_path:
            text = exposition.written(profile.metrics(batch, profile.model, profile.version))
            return Response(200, text.encode(), exposition.CONTENT_TYPE)
        return await api.answer(request) or Response.of({"detail": "Not Found"}, 404)

    server = Server(answer)
    await server.start(host, port)
    print(f"simulator of {profile.title}: serves {profile.model} with {batch.capacity}", flush=True)
    await until_told_to_end()
    print("Waiting for running requests to end.", flush=True)
    return 0 if await server.end(exit_seconds) else 1
