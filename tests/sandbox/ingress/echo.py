"""A server for tests, run in a pod: it answers with its pod's name, over HTTP, and over gRPC for every message of a stream."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

from headroom.sandbox.engines import core, http, rpc

TALK = "/headroom.tests.Echo/Talk"
POD = os.environ.get("POD", "").encode()


async def talk(messages: AsyncIterator[bytes], _: rpc.Context) -> AsyncIterator[bytes]:
    async for _message in messages:
        yield POD


async def answer(request: http.Request) -> http.Response:
    return http.Response(body=f"{POD.decode()} {request.path}".encode())


async def serve() -> None:
    streams, requests = rpc.Server({TALK: talk}), http.Server(answer)
    await streams.start("0.0.0.0", 8001)
    await requests.start("0.0.0.0", 8000)
    await core.until_told_to_end()
    await asyncio.gather(streams.end(1), requests.end(1))


if __name__ == "__main__":
    asyncio.run(serve())
