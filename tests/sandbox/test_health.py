"""A process of our own says that it serves for as long as its event loop does."""

from __future__ import annotations

import asyncio

import httpx

from headroom.sandbox import health


async def ask() -> int:
    server = await health.tell(0)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient(trust_env=False, timeout=5) as client:
        return (await client.get(f"http://127.0.0.1:{port}/")).status_code


def test_whoever_asks_is_told_that_all_is_well() -> None:
    assert asyncio.run(ask()) == httpx.codes.OK
