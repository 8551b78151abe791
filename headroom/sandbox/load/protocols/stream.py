"""What a stream of speech is to a load: chunks of audio at the pace of speech, over gRPC, and how long the answer took.

A request of such a load is a whole stream, so that a level is a number of streams in flight. A stream that is cut has failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

import grpc
from grpc import aio

from headroom.sandbox.engines.protobuf import Malformed
from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer, Option, Send

SAMPLE_RATE = 16000
# A proxy limits the streams of a connection (Traefik to 250); a connection of its own for so many keeps clear of that.
STREAMS_PER_CHANNEL = 100
_CHANNEL = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),
]

OPTIONS: Mapping[str, Option] = {
    "seconds": Option(10, "seconds of audio in a stream"),
    "realtime": Option(1, "1: chunks are sent as speech would bring them; 0: as fast as they are taken"),
}


class Cut(Exception):
    """The stream ended otherwise than it should; the message says how."""


@dataclass(frozen=True)
class Pace:
    """`chunks` of `chunk` seconds each, the last one shorter where they do not fit."""

    seconds: float
    chunk: float
    realtime: bool

    def lengths(self) -> Iterator[float]:
        left = self.seconds
        while left > 1e-6:
            yield min(left, self.chunk)
            left -= self.chunk

    async def chunks(self) -> AsyncIterator[tuple[float, bool]]:
        """The length of each chunk when its audio is there, and whether it is the last.

        People do not begin to speak together: the first chunk comes at a random moment of its length.
        """
        clock = asyncio.get_running_loop().time
        due = clock() + random.random() * self.chunk
        lengths = list(self.lengths())
        for index, length in enumerate(lengths):
            due += length
            if self.realtime:
                await asyncio.sleep(max(0.0, due - clock()))
            yield length, index == len(lengths) - 1


Talk = Callable[[aio.Channel, Callable[[], None]], Awaitable[None]]
"""One stream on a channel; calls its second argument when the last chunk has gone. Raises `Cut`."""


@contextlib.asynccontextmanager
async def sender(talk: Talk, seconds: float, timeout: float) -> AsyncIterator[Send]:
    """Streams of `seconds` of audio, each given up `timeout` seconds after it should have ended."""
    channels = Channels()

    async def send(address: Address) -> Answer:
        begun = time.monotonic()
        last = begun

        def sent() -> None:
            nonlocal last
            last = time.monotonic()

        try:
            async with channels.one(address) as channel, asyncio.timeout(seconds + timeout):
                await talk(channel, sent)
        except TimeoutError:
            return Answer("no answer in time")
        except grpc.RpcError as error:
            return Answer(f"cut: {_code(error)}")
        except (Cut, Malformed) as error:
            return Answer(f"cut: {error}")
        ended = time.monotonic()
        return Answer(measures={"latency": ended - last, "rtfx": seconds / (ended - begun)})

    try:
        yield send
    finally:
        await channels.close()


class Channels:
    """Connections to each address, each shared by a limited number of streams."""

    def __init__(self) -> None:
        self._open: dict[Address, list[tuple[aio.Channel, list[int]]]] = {}

    @contextlib.asynccontextmanager
    async def one(self, address: Address) -> AsyncIterator[aio.Channel]:
        channels = self._open.setdefault(address, [])
        found = next((entry for entry in channels if entry[1][0] < STREAMS_PER_CHANNEL), None)
        if found is None:
            authority = [("grpc.default_authority", address.name)]
            found = (aio.insecure_channel(f"{address.host}:{address.port}", options=[*_CHANNEL, *authority]), [0])
            channels.append(found)
        channel, streams = found
        streams[0] += 1
        try:
            yield channel
        finally:
            streams[0] -= 1

    async def close(self) -> None:
        for channels in self._open.values():
            for channel, _ in channels:
                await channel.close()


def _code(error: grpc.RpcError) -> str:
    """Its status, and the server's own words where it has some."""
    if not isinstance(error, aio.AioRpcError):
        return type(error).__name__
    return f"{error.code().name}: {error.details()}".rstrip(": ")
