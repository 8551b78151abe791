"""What every engine has: requests wait for one of few places, take their time there, and are counted when they are done.

An engine's profile (`triton.py`) brings its arguments, its protocol, and the names under which it shows these counts.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import deque
from dataclasses import dataclass

SERVICE_TIME = "SANDBOX_SERVICE_TIME"
CONCURRENCY = "SANDBOX_CONCURRENCY"
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)(ms|s)$")


@dataclass(frozen=True)
class Times:
    """Of one request, in seconds."""

    waited: float
    served: float


class Station:
    """`places` requests are served at once, each for `seconds`; the others wait in the order of their arrival."""

    def __init__(self, places: int, seconds: float) -> None:
        self.places = places
        self.seconds = seconds
        self.requests = 0
        self.waited = 0.0
        self.served = 0.0
        self._free = places
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def running(self) -> int:
        return self.places - self._free

    async def serve(self) -> Times:
        """One request. The counts change when it is done, as those of real engines do: a stalled engine shows nothing."""
        clock = asyncio.get_running_loop().time
        arrived = clock()
        await self._take_place()
        begun = clock()
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self._leave_place()
        times = Times(begun - arrived, clock() - begun)
        self.requests += 1
        self.waited += times.waited
        self.served += times.served
        return times

    async def _take_place(self) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _leave_place(self) -> None:
        """The place goes straight to whoever waits longest, so that nobody who comes meanwhile is served first."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def duration(text: str) -> float:
    """`200ms` or `1.5s` in seconds. Raises `ValueError`."""
    match = _DURATION.match(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a duration: write 200ms or 1.5s")
    return float(match[1]) / (1000 if match[2] == "ms" else 1)


def station(places: int, seconds: float) -> Station:
    """The engine's own numbers, unless the pod's annotations say otherwise."""
    if concurrency := os.environ.get(CONCURRENCY):
        places = int(concurrency)
    if service_time := os.environ.get(SERVICE_TIME):
        seconds = duration(service_time)
    return Station(places, seconds)


async def until_told_to_end() -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
