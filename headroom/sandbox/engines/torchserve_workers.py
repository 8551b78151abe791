"""A model of TorchServe and its workers: they load, hold memory, serve one request at a time, and share one GPU.

Up to the GPU's knee each further worker serves as fast as the first; beyond it they share what the GPU gives, so that further workers
add waiting for the GPU and nothing else, as every measurement on one GPU shows.
"""

from __future__ import annotations

import asyncio
import mmap
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

_PAGE = 4096
_FIRST_WORKER = 9000


class QueueFull(Exception):
    """`job_queue_size` requests wait already."""


class NoWorkers(Exception):
    """The model has been scaled to none."""


class ScaledDown(Exception):
    """The worker that served the request was removed."""


@dataclass(frozen=True)
class Costs:
    """What a model costs: seconds per request and per worker's load, MiB that a worker holds, workers that one GPU can feed."""

    seconds: float
    load_seconds: float
    memory: int
    knee: int


@dataclass(eq=False)
class Worker:
    number: int
    started: datetime
    loading: asyncio.Task[None] | None = None
    ready: bool = False
    removed: bool = False
    held: mmap.mmap | None = None
    job: asyncio.Future[None] | None = None

    @property
    def status(self) -> str:
        # A worker that still loads is told as UNLOADING by the real server too: it has no name for that state.
        return "READY" if self.ready else "UNLOADING"

    def load(self, mebibytes: int) -> None:
        self.held = mmap.mmap(-1, max(1, mebibytes) * 2**20)
        for position in range(0, len(self.held), _PAGE):
            self.held[position] = 1
        self.ready = True

    def end(self) -> None:
        self.removed = True
        self.ready = False
        if self.loading:
            self.loading.cancel()
        if self.job and not self.job.done():
            self.job.set_exception(ScaledDown)
        if self.held:
            self.held.close()


@dataclass
class Model:
    """`received`, `waited` and `served` are those of the metrics: requests on arrival, microseconds on completion."""

    name: str
    version: str
    costs: Costs
    queue_size: int
    minimum: int = 0
    maximum: int = 0
    workers: list[Worker] = field(default_factory=list)
    received: int = 0
    completed: int = 0
    waited: float = 0.0
    served: float = 0.0
    last_wait: float = 0.0
    _waiting: deque[asyncio.Future[Worker]] = field(default_factory=deque)
    _numbers: count[int] = field(default_factory=lambda: count(_FIRST_WORKER))

    @property
    def pending(self) -> int:
        return sum(not turn.done() for turn in self._waiting)

    @property
    def ready(self) -> int:
        return sum(worker.ready for worker in self.workers)

    @property
    def healthy(self) -> bool:
        """As /ping has it: a worker counts from the moment that it was started, long before it can serve."""
        return len(self.workers) >= self.minimum

    def scale(self, minimum: int, maximum: int) -> None:
        """Grows to `minimum`, shrinks to `maximum`; between them nothing ever changes by itself."""
        self.minimum, self.maximum = minimum, maximum
        while len(self.workers) < minimum:
            worker = Worker(next(self._numbers), datetime.now(UTC))
            self.workers.append(worker)
            worker.loading = asyncio.create_task(self._load(worker))
        while len(self.workers) > maximum:
            self.workers.pop().end()

    async def settled(self) -> None:
        """Until every worker has loaded."""
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*(worker.loading for worker in self.workers if worker.loading))

    async def _load(self, worker: Worker) -> None:
        await asyncio.sleep(self.costs.load_seconds)
        worker.load(self.costs.memory)
        self._hand_over(worker)

    async def serve(self) -> None:
        """One request. Raises `QueueFull`, `NoWorkers` or `ScaledDown`."""
        clock = asyncio.get_running_loop().time
        arrived = clock()
        self.received += 1
        if not self.workers:
            raise NoWorkers
        worker = await self._worker()
        begun = clock()
        self.last_wait = begun - arrived
        try:
            await self._compute(worker)
        finally:
            worker.job = None
            if not worker.removed:
                self._hand_over(worker)
        self.completed += 1
        self.waited += begun - arrived
        self.served += clock() - arrived

    async def _worker(self) -> Worker:
        free = next((worker for worker in self.workers if worker.ready and worker.job is None), None)
        if free is not None:
            free.job = asyncio.get_running_loop().create_future()
            return free
        if self.pending >= self.queue_size:
            raise QueueFull
        turn: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        return await turn

    def _hand_over(self, worker: Worker) -> None:
        """A free worker goes straight to whoever waits longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                worker.job = asyncio.get_running_loop().create_future()
                turn.set_result(worker)
                return

    async def _compute(self, worker: Worker) -> None:
        assert worker.job is not None
        busy = sum(other.job is not None for other in self.workers)
        seconds = self.costs.seconds * max(1.0, busy / self.costs.knee)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(worker.job), seconds)
