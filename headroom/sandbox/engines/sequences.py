"""Triton's sequence batcher with the strategy `oldest`: stateful streams, each a sequence of requests under one correlation id.

As many sequences as there are slots are candidates, whose requests are computed one after the other; later ones wait as a whole until a
slot is free. A sequence that is idle for too long loses its slot. Source: triton-inference-server/core src/sequence_batch_scheduler.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from headroom.sandbox.engines.core import Times


class Refused(Exception):
    """A request that is not taken; the message is the server's."""


@dataclass(frozen=True)
class _Request:
    arrived: float
    done: asyncio.Future[Times]


@dataclass(eq=False)
class _Sequence:
    identity: int
    last: float
    waiting: deque[_Request] = field(default_factory=deque)
    candidate: bool = False
    working: bool = False
    ended: bool = False


class Sequences:
    """`slots` sequences at once, each given up after `idle` seconds without a request; `compute` takes one request of one of them."""

    def __init__(self, model: str, slots: int, idle: float, compute: Callable[[float], Awaitable[Times]]) -> None:
        self.stopped = False
        self._model = model
        self._slots = slots
        self._free = slots
        self._idle = idle
        self._compute = compute
        self._open: dict[int, _Sequence] = {}
        self._backlog: deque[_Sequence] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """Sequences that have begun and not ended."""
        return len(self._open)

    @property
    def candidates(self) -> int:
        """Sequences that have a slot."""
        return self._slots - self._free

    def request(self, identity: int, *, start: bool, end: bool) -> asyncio.Future[Times]:
        """The times of the request when it is computed. Raises `Refused`."""
        if self.stopped:
            raise Refused("Server not ready")
        if not identity:
            raise Refused(f"inference request to model '{self._model}' must specify a non-zero or non-empty correlation ID")
        loop = asyncio.get_running_loop()
        self.drop_idle()
        sequence = self._begun(identity, loop.time()) if start else self._open.get(identity)
        if sequence is None:
            raise Refused(
                f"inference request for sequence {identity} to model '{self._model}' must specify the START flag on the first request of "
                "the sequence"
            )
        sequence.last = loop.time()
        request = _Request(loop.time(), loop.create_future())
        sequence.waiting.append(request)
        if end:
            sequence.ended = True
            del self._open[identity]
        self._go_on(sequence)
        return request.done

    def drop_idle(self) -> None:
        """Sequences without a request for longer than they may be lose their slot; the next request of such a one is refused."""
        now = asyncio.get_running_loop().time()
        for sequence in [one for one in self._open.values() if now - one.last > self._idle]:
            print(f"sequence {sequence.identity} for model '{self._model}' is idle for too long and released", flush=True)
            self._close(sequence)

    def _begun(self, identity: int, now: float) -> _Sequence:
        if (before := self._open.get(identity)) is not None:
            print(
                f"sequence {identity} for model '{self._model}' has a conflict. The previous sequence did not end before this sequence "
                "start. Previous sequence will be terminated early.",
                flush=True,
            )
            self._close(before)
        sequence = _Sequence(identity, now)
        self._open[identity] = sequence
        self._backlog.append(sequence)
        self._promote()
        return sequence

    def _close(self, sequence: _Sequence) -> None:
        sequence.ended = True
        self._open.pop(sequence.identity, None)
        self._go_on(sequence)

    def _promote(self) -> None:
        while self._free and self._backlog:
            self._free -= 1
            sequence = self._backlog.popleft()
            sequence.candidate = True
            self._go_on(sequence)

    def _go_on(self, sequence: _Sequence) -> None:
        if not sequence.candidate or sequence.working:
            return
        if sequence.waiting:
            sequence.working = True
            task = asyncio.get_running_loop().create_task(self._work(sequence))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif sequence.ended:
            sequence.candidate = False
            self._free += 1
            self._promote()

    async def _work(self, sequence: _Sequence) -> None:
        while sequence.waiting:
            request = sequence.waiting.popleft()
            times = await self._compute(request.arrived)
            if not request.done.done():
                request.done.set_result(times)
        sequence.working = False
        self._go_on(sequence)
