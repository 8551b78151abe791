"""Sends requests: a number of them in flight (closed loop), or a number per second (open loop)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Self

from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer, Call
from headroom.sandbox.load.statistics import Outcome
from headroom.sandbox.load.steps import MAX_LEVEL

MAX_REQUESTS = 200_000
TIMEOUT_SECONDS = 30.0
PAUSE_WITHOUT_POD = 0.5
TICK_SECONDS = 0.02


class Loop(StrEnum):
    """What a level means."""

    CLOSED = "requests in flight"
    OPEN = "requests per second"


class Generator:
    """Requests at a level that may change at any time; silent until the first one is set.

    `pick` gives the pod of the next request, None while there is none: such a request fails. After `max_requests` no more is sent.
    """

    def __init__(
        self,
        call: Call,
        pick: Callable[[], Address | None],
        *,
        loop: Loop = Loop.CLOSED,
        timeout: float = TIMEOUT_SECONDS,
        max_requests: int = MAX_REQUESTS,
    ) -> None:
        self.outcomes: list[Outcome] = []
        self.sent = 0
        self._pick = pick
        self._max_requests = max_requests
        self._level = 0.0
        self._closed = loop is Loop.CLOSED
        self._flying: set[asyncio.Task[None]] = set()
        self._sender = call.sender(timeout)

    async def __aenter__(self) -> Self:
        self._begun = time.monotonic()
        self._send = await self._sender.__aenter__()
        self._pacer = None if self._closed else asyncio.create_task(self._pace())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Waits for the requests in flight, unless something went wrong."""
        self.level = 0
        if self._pacer:
            self._pacer.cancel()
        if error is not None:
            for task in self._flying:
                task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)
        await self._sender.__aexit__(kind, error, trace)

    @property
    def level(self) -> float:
        return self._level

    @level.setter
    def level(self, level: float) -> None:
        self._level = level
        self._fill()

    @property
    def exhausted(self) -> bool:
        return self.sent >= self._max_requests

    def _fill(self) -> None:
        """A closed loop sends the next request when one has ended."""
        while self._closed and len(self._flying) < self._level and not self.exhausted:
            self._launch()

    async def _pace(self) -> None:
        """An open loop sends by the clock."""
        due, then = 0.0, time.monotonic()
        while True:
            now = time.monotonic()
            due, then = due + self._level * (now - then), now
            while due >= 1 and not self.exhausted:
                due -= 1
                # As many open requests as this say that the server is lost; more would only fill this machine.
                if len(self._flying) < MAX_LEVEL:
                    self._launch()
                else:
                    self.outcomes.append(Outcome(now - self._begun, 0.0, f"{MAX_LEVEL} requests open already"))
            await asyncio.sleep(TICK_SECONDS)

    def _launch(self) -> None:
        self.sent += 1
        task = asyncio.create_task(self._one())
        self._flying.add(task)
        task.add_done_callback(self._land)

    def _land(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._fill()

    async def _one(self) -> None:
        begun = time.monotonic()
        address = self._pick()
        if address is None:
            await asyncio.sleep(PAUSE_WITHOUT_POD)
            answer = Answer("no pod is ready")
        else:
            answer = await self._answer(address)
        ended = time.monotonic()
        self.outcomes.append(Outcome(ended - self._begun, ended - begun, answer.failure, answer.measures))

    async def _answer(self, address: Address) -> Answer:
        try:
            return await self._send(address)
        except Exception as error:  # noqa: BLE001  (a request that was sent is counted, whatever its protocol made of the answer)
            return Answer(f"{type(error).__name__}: {error}")
