"""Speech models compute what is ready in batches, at a pace that is stated in streams."""

from __future__ import annotations

import asyncio

import pytest

from headroom.sandbox.engines.batching import Batcher, Capacity, capacity
from headroom.sandbox.engines.core import Times

QUICK = Capacity(streams=100, chunk=1.0, least=0.02)


def compute(batcher: Batcher, count: int) -> list[Times]:
    async def together() -> list[Times]:
        return await asyncio.gather(*(batcher.compute() for _ in range(count)))

    return asyncio.run(together())


@pytest.mark.parametrize(("chunks", "seconds"), [(1, 0.02), (2, 0.02), (10, 0.1), (100, 1.0)])
def test_as_many_streams_as_the_capacity_take_just_the_time_of_their_chunk(chunks: int, seconds: float) -> None:
    assert QUICK.seconds(chunks) == pytest.approx(seconds)


def test_a_chunk_that_comes_to_an_idle_instance_does_not_wait() -> None:
    assert compute(Batcher(QUICK, 8), 1)[0].waited < 0.01


def test_what_does_not_fit_into_a_batch_waits_for_the_next() -> None:
    batcher = Batcher(QUICK, 4)
    waited = [times.waited for times in compute(batcher, 8)]
    assert max(waited[:4]) < 0.01
    assert min(waited[4:]) >= 0.04
    assert (batcher.requests, batcher.executions) == (8, 2)


def test_the_counts_are_those_of_all_chunks() -> None:
    batcher = Batcher(QUICK, 4)
    times = compute(batcher, 8)
    assert batcher.waited == pytest.approx(sum(one.waited for one in times))
    assert batcher.served == pytest.approx(sum(one.served for one in times))


def test_a_chunk_has_waited_since_it_arrived() -> None:
    async def late() -> Times:
        return await Batcher(QUICK, 4).compute(asyncio.get_running_loop().time() - 3)

    assert asyncio.run(late()).waited >= 3


def test_a_client_that_goes_away_does_not_stop_the_instance() -> None:
    batcher = Batcher(QUICK, 1)

    async def go_away() -> None:
        first, second, third = (asyncio.create_task(batcher.compute()) for _ in range(3))
        await asyncio.sleep(0.005)
        second.cancel()
        await asyncio.wait_for(asyncio.gather(first, third), 5)

    asyncio.run(go_away())
    assert (batcher.requests, batcher.waiting) == (3, 0)


def test_the_pods_annotation_wins_over_the_engines_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_STREAMS", "5")
    assert capacity(300, 0.51, 0.05).streams == 5


def test_the_capacity_says_what_it_is() -> None:
    assert str(Capacity(12, 0.16, 0.02)) == (
        "12 streams in real time: chunks of 160 ms, 13.3 ms of computing each, a batch never under 20 ms"
    )
