"""An instance that computes whatever is ready as one batch, then the next: how speech models share a GPU."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from dataclasses import dataclass

from headroom.sandbox.engines.core import Times

STREAMS = "SANDBOX_STREAMS"


@dataclass(frozen=True)
class Capacity:
    """How many streams a replica serves in real time, each of which needs a chunk of `chunk` seconds of audio computed as it comes.

    A batch takes its chunks' share of that time, and never less than `least`.
    """

    streams: int
    chunk: float
    least: float

    def seconds(self, chunks: int) -> float:
        return max(self.least, chunks * self.chunk / self.streams)

    def __str__(self) -> str:
        each = self.chunk / self.streams
        return (
            f"{self.streams} streams in real time: chunks of {self.chunk * 1000:g} ms, {each * 1000:.3g} ms of computing each, "
            f"a batch never under {self.least * 1000:g} ms"
        )


def capacity(streams: int, chunk: float, least: float) -> Capacity:
    """The engine's own number of streams, unless the pod's annotation says otherwise."""
    return Capacity(int(os.environ.get(STREAMS) or streams), chunk, least)


@dataclass(frozen=True)
class _Item:
    arrived: float
    done: asyncio.Future[Times]


class Batcher:
    """Counts what it has computed; `waiting` is what has not begun."""

    def __init__(self, capacity: Capacity, largest: int) -> None:
        self.requests = 0
        self.executions = 0
        self.waited = 0.0
        self.served = 0.0
        self._capacity = capacity
        self._largest = largest
        self._ready: deque[_Item] = deque()
        self._work: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        return len(self._ready)

    async def compute(self, arrived: float | None = None) -> Times:
        """One chunk, which has waited since `arrived` (the loop's time; now, unless given)."""
        loop = asyncio.get_running_loop()
        item = _Item(loop.time() if arrived is None else arrived, loop.create_future())
        self._ready.append(item)
        if self._work is None:
            self._work = loop.create_task(self._batches())
        return await item.done

    async def _batches(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._ready:
            batch = [self._ready.popleft() for _ in range(min(len(self._ready), self._largest))]
            begun = clock()
            await asyncio.sleep(self._capacity.seconds(len(batch)))
            took = clock() - begun
            self.executions += 1
            for item in batch:
                self._count(item, Times(begun - item.arrived, took))
        self._work = None

    def _count(self, item: _Item, times: Times) -> None:
        self.requests += 1
        self.waited += times.waited
        self.served += times.served
        # Whoever asked may have gone; the batch was computed with its chunk all the same.
        if not item.done.done():
            item.done.set_result(times)
