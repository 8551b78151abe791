"""One HTTP request and one answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer, Send
from headroom.sandbox.load.protocols.sse import FAILURES, fetched, told


@dataclass(frozen=True)
class Request:
    """A POST of JSON, the same every time, on a connection of its own."""

    port: str
    path: str
    body: bytes

    @contextlib.asynccontextmanager
    async def sender(self, timeout: float) -> AsyncIterator[Send]:
        async def send(address: Address) -> Answer:
            try:
                async with asyncio.timeout(timeout):
                    await fetched(address, self.path, self.body)
            except FAILURES as error:
                return Answer(told(error))
            return Answer()

        yield send
