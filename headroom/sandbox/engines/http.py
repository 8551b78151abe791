"""A small HTTP/1.1 server: persistent connections, bodies with a length, answers with one or in chunks, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

_LONGEST_BODY = 64 * 1024 * 1024
_ERRORS = (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError, ValueError)


@dataclass(frozen=True)
class Request:
    """Header names are in lower case; `path` is without the query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""


@dataclass(frozen=True)
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: AsyncGenerator[bytes, None] | None = None
    """Instead of `body`: the answer in pieces, each sent as soon as it is there."""

    @staticmethod
    def of(content: object, status: int = 200) -> Response:
        """An answer in JSON, compact."""
        return Response(status, json.dumps(content, separators=(",", ":")).encode(), "application/json")


Handler = Callable[[Request], Awaitable[Response]]


class Server:
    """Serves `handler` on one address. Ending it closes the listener at once and lets running requests finish."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, host: str, port: int) -> None:
        self._server = await asyncio.start_server(self._connection, host, port, backlog=1024)

    async def end(self, seconds: float) -> bool:
        """False when requests were still running after `seconds`."""
        if self._server:
            self._server.close()
        try:
            if self._running:  # a wait of no seconds ends in a timeout, whatever it waits for
                await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            for writer in self._writers:
                writer.close()
        return True

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while (request := await _read(reader)) is not None:
                last = request.headers.get("connection", "").lower() == "close"
                with self._at_work():
                    await _send(writer, await self._handler(request))
                if last:
                    return
        except _ERRORS:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        """A request is at work until its answer is written, a stream to its end."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """None at the end of the connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "chunked" in headers.get("transfer-encoding", ""):
        raise ValueError("chunked bodies are not read")
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= _LONGEST_BODY:
        raise ValueError(f"a body of {length} bytes is not read")
    path, _, query = target.partition("?")
    return Request(method, path, headers, await reader.readexactly(length), query)


async def _send(writer: asyncio.StreamWriter, response: Response) -> None:
    if response.stream is None:
        writer.write(_head(response, {"Content-Length": str(len(response.body))}) + response.body)
    else:
        writer.write(_head(response, {"Transfer-Encoding": "chunked"}))
        async with contextlib.aclosing(response.stream) as pieces:
            async for piece in pieces:
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
        writer.write(b"0\r\n\r\n")
    await writer.drain()


def _head(response: Response, framing: Mapping[str, str]) -> bytes:
    headers = {**framing, "Content-Type": response.content_type, **response.headers}
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
