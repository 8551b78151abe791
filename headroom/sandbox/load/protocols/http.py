"""One HTTP request and one answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer, Send
from headroom.sandbox.load.steps import MAX_LEVEL


@dataclass(frozen=True)
class Request:
    """A POST of JSON, the same every time."""

    port: str
    path: str
    body: bytes

    @contextlib.asynccontextmanager
    async def sender(self, timeout: float) -> AsyncIterator[Send]:
        async with client(timeout) as http:

            async def send(address: Address) -> Answer:
                try:
                    response = await http.post(
                        address.url + self.path, content=self.body, headers={"Content-Type": "application/json", "Host": address.name}
                    )
                except httpx.HTTPError as error:
                    return Answer(told(error))
                return Answer(None if response.is_success else f"HTTP {response.status_code}")

            yield send


def client(timeout: float) -> httpx.AsyncClient:
    """Connections are kept for as many requests as a load may have in flight."""
    limits = httpx.Limits(max_connections=MAX_LEVEL, max_keepalive_connections=MAX_LEVEL)
    # A proxy of the user's shell would send the requests elsewhere.
    return httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)


def told(error: httpx.HTTPError) -> str:
    """Why a request failed."""
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return f"{type(error).__name__}: {error}".rstrip(": ")
