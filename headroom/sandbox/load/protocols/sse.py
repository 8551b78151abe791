"""HTTP answers, whole or in pieces: server-sent events over chunks, read with as little work per event as can be.

A load of some hundred streams is some thousand events per second; a general client takes a whole core for them. So does a pool of
connections for plain requests: httpx looks at every connection for every other one when it gives one out.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, RFC 9112 §7.1.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from headroom.sandbox.load.addresses import Address


class Refused(Exception):
    """An answer with a status that is none of success."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")


FAILURES = (Refused, OSError, EOFError, ValueError)
"""What a request may end with, a `TimeoutError` among them."""


def told(error: Exception) -> str:
    """Why a request failed."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}".rstrip(": ")


@contextlib.asynccontextmanager
async def events(address: Address, path: str, body: bytes) -> AsyncIterator[AsyncIterator[bytes]]:
    """The data of each event of the answer to a POST. Raises `Refused`, `OSError`, `EOFError` and `ValueError`."""
    async with _answer(address, path, body) as reader:
        yield _events(reader)


async def fetched(address: Address, path: str, body: bytes | None = None) -> bytes:
    """The whole answer to a GET, or a POST of `body`. Raises as `events` does."""
    async with _answer(address, path, body) as reader:
        return b"".join([piece async for piece in reader])


@contextlib.asynccontextmanager
async def _answer(address: Address, path: str, body: bytes | None) -> AsyncIterator[AsyncIterator[bytes]]:
    """A connection of its own for each request: the next one may go to another pod."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(_request(address, path, body))
        status, headers = await _head(reader)
        if not 200 <= status < 300:
            raise Refused(status)
        yield _pieces(reader, headers)
    finally:
        writer.close()


def _request(address: Address, path: str, body: bytes | None) -> bytes:
    kept = f"Host: {address.name}\r\nConnection: close\r\n"
    if body is None:
        return f"GET {address.prefix}{path} HTTP/1.1\r\n{kept}\r\n".encode()
    content = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"POST {address.prefix}{path} HTTP/1.1\r\n{kept}{content}\r\n".encode() + body


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    pairs = (line.partition(":") for line in lines)
    return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _pieces(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    if "chunked" not in headers.get("transfer-encoding", ""):
        yield await reader.readexactly(int(headers.get("content-length", "0")))
        return
    while size := int(await _line(reader), 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)


async def _line(reader: asyncio.StreamReader) -> bytes:
    if not (line := await reader.readline()):
        raise EOFError("connection closed")
    return line


async def _events(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """An event here is one line of data; a piece may end in the middle of it."""
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
