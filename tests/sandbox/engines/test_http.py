"""How a simulator's server ends."""

from __future__ import annotations

import asyncio

import pytest

from headroom.sandbox.engines.http import Request, Response, Server
from tests.free_ports import free_ports


def ends_well(seconds: float, serving: float) -> bool:
    """What a server says when it is told to end 0.1 s after the begin of a request that takes `serving` seconds."""

    async def scene() -> bool:
        begun = asyncio.Event()

        async def answer(_: Request) -> Response:
            begun.set()
            await asyncio.sleep(serving)
            return Response()

        server, port = Server(answer), free_ports()[0]
        await server.start("127.0.0.1", port)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await begun.wait()
        await asyncio.sleep(0.1)
        return await server.end(seconds)

    return asyncio.run(scene())


@pytest.mark.parametrize("seconds", [0, 30])
def test_one_that_is_idle_ends_well_whatever_time_it_has(seconds: float) -> None:
    assert ends_well(seconds, serving=0)


@pytest.mark.parametrize(("seconds", "well"), [(0, False), (30, True)])
def test_one_that_serves_ends_well_where_it_has_the_time(seconds: float, well: bool) -> None:
    assert ends_well(seconds, serving=0.3) is well
