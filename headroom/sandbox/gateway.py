"""`python -m headroom.sandbox.gateway NAME=HOST:PORT…`: forwards connections into the network namespace.

The listening sockets were opened outside the namespace and are inherited; their descriptors stand in `$HEADROOM_INHERITED`
as JSON by name. A socket keeps the namespace it was opened in, a connection is made in the one that this process is in.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import Mapping

CHUNK = 65536


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction until its end, which is passed on: the other may have more to say."""
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    # A peer that has gone already needs no end; what it said before it went may still be on its way.
    with contextlib.suppress(OSError):
        writer.write_eof()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    try:
        inner_reader, inner_writer = await asyncio.open_connection(host, port)
    except OSError:
        # Nobody listens inside: the caller sees the same refusal as a closed connection.
        writer.close()
        return
    try:
        # A direction that breaks ends both: whoever waits for an answer must not wait for ever.
        with contextlib.suppress(OSError):
            await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
    finally:
        inner_writer.close()
        writer.close()


async def serve(targets: Mapping[str, tuple[str, int]], sockets: Mapping[str, int]) -> None:
    """Forwards for ever; `targets` and `sockets` (file descriptors) have the same names."""
    servers = [
        await asyncio.start_server(lambda r, w, target=targets[name]: _forward(r, w, *target), sock=socket.socket(fileno=descriptor))
        for name, descriptor in sockets.items()
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def parse(arguments: list[str]) -> dict[str, tuple[str, int]]:
    """`["prometheus=127.0.0.1:9090"]` → `{"prometheus": ("127.0.0.1", 9090)}`."""
    targets: dict[str, tuple[str, int]] = {}
    for argument in arguments:
        name, _, address = argument.partition("=")
        host, _, port = address.rpartition(":")
        targets[name] = (host, int(port))
    return targets


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parse(sys.argv[1:]), json.loads(os.environ["HEADROOM_INHERITED"])))
