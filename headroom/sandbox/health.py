"""What a process of our own says to whoever asks whether it serves: nothing, while its event loop hangs."""

from __future__ import annotations

import asyncio
import contextlib

from headroom.sandbox.layout import HOST

_WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_SECONDS = 3


async def tell(port: int) -> asyncio.Server:
    """Answers every request on the loopback `port` with 200, from the event loop that this is called in."""
    return await asyncio.start_server(_tell, HOST, port)


async def _tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, TimeoutError):
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _SECONDS)
        writer.write(_WELL)
        await writer.drain()
    writer.close()
