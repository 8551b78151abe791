"""A model's workers: what scaling them does and does not do."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from headroom.sandbox.engines.torchserve_workers import Costs, Model, NoWorkers, QueueFull, ScaledDown

pytestmark = pytest.mark.thorough

COSTS = Costs(seconds=0.05, load_seconds=0.02, memory=1, knee=2)


def model(**costs: float) -> Model:
    values = {**vars(COSTS), **costs}
    return Model("tiny", "1.0", Costs(values["seconds"], values["load_seconds"], int(values["memory"]), int(values["knee"])), queue_size=4)


async def loaded(workers: int, **costs: float) -> Model:
    found = model(**costs)
    found.scale(workers, workers)
    await found.settled()
    return found


async def together(found: Model, count: int) -> tuple[float, list[BaseException]]:
    """How long `count` requests at once take, and what went wrong."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    results = await asyncio.gather(*(found.serve() for _ in range(count)), return_exceptions=True)
    return clock() - begun, [result for result in results if result is not None]


def test_a_worker_counts_as_healthy_before_it_can_serve() -> None:
    async def look() -> tuple[bool, int, str]:
        found = model(load_seconds=10)
        found.scale(1, 1)
        return found.healthy, found.ready, found.workers[0].status

    assert asyncio.run(look()) == (True, 0, "UNLOADING")


def test_max_worker_alone_adds_nobody_and_min_worker_does() -> None:
    async def look() -> list[int]:
        found = await loaded(1)
        counts: list[int] = []
        for minimum, maximum in ((1, 4), (3, 4), (1, 4), (1, 2)):
            found.scale(minimum, maximum)
            counts.append(len(found.workers))
        return counts

    assert asyncio.run(look()) == [1, 3, 3, 2]


def test_a_full_queue_refuses_and_counts_the_request_all_the_same() -> None:
    async def look() -> tuple[list[BaseException], int, int]:
        found = await loaded(1)
        _, errors = await together(found, 7)
        return errors, found.received, found.completed

    errors, received, completed = asyncio.run(look())
    assert [type(error) for error in errors] == [QueueFull, QueueFull]
    assert (received, completed) == (7, 5)


def test_without_workers_nothing_is_served() -> None:
    with pytest.raises(NoWorkers):
        asyncio.run(model().serve())


def test_a_removed_worker_is_ended_in_the_middle_of_its_request() -> None:
    async def look() -> list[BaseException]:
        found = await loaded(2, seconds=5)
        requests = asyncio.create_task(together(found, 2))
        await asyncio.sleep(0.01)
        found.scale(1, 1)
        found.scale(0, 0)
        return (await requests)[1]

    assert [type(error) for error in asyncio.run(look())] == [ScaledDown, ScaledDown]


def test_workers_pay_up_to_the_knee_and_not_beyond() -> None:
    async def look(workers: int) -> float:
        return (await together(await loaded(workers, seconds=0.3), 4))[0]

    one, two, four = (asyncio.run(look(workers)) for workers in (1, 2, 4))
    assert two < 0.7 * one
    assert four > 0.8 * two


def test_a_worker_really_holds_its_memory_and_gives_it_back() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def look() -> tuple[int, int]:
        before = resident()
        found = await loaded(1, memory=64)
        held = resident() - before
        found.scale(0, 0)
        return held, resident() - before

    held, kept = asyncio.run(look())
    assert held > 60 * 2**20
    assert kept < 8 * 2**20
