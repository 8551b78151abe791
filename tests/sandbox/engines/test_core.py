"""Requests wait for a place, take their time, and are counted when they are done."""

from __future__ import annotations

import asyncio

import pytest

from headroom.sandbox.engines.core import Station, Times, duration, station


def serve(queue: Station, count: int) -> list[Times]:
    async def together() -> list[Times]:
        return await asyncio.gather(*(queue.serve() for _ in range(count)))

    return asyncio.run(together())


def test_a_request_to_an_idle_engine_does_not_wait() -> None:
    assert serve(Station(1, 0.02), 1)[0].waited < 0.01


def test_with_one_place_each_request_waits_for_those_before_it() -> None:
    waited = [times.waited for times in serve(Station(1, 0.02), 4)]
    assert waited == sorted(waited)
    assert waited[3] >= 0.06


def test_as_many_are_served_at_once_as_there_are_places() -> None:
    queue = Station(3, 0.05)

    async def look() -> tuple[int, int]:
        requests = [asyncio.create_task(queue.serve()) for _ in range(5)]
        await asyncio.sleep(0.01)
        seen = queue.running, queue.waiting
        await asyncio.gather(*requests)
        return seen

    assert asyncio.run(look()) == (3, 2)


def test_nothing_is_counted_before_it_is_done() -> None:
    queue = Station(1, 0.05)

    async def look() -> int:
        request = asyncio.create_task(queue.serve())
        await asyncio.sleep(0.01)
        seen = queue.requests
        await request
        return seen

    assert (asyncio.run(look()), queue.requests) == (0, 1)


def test_waiting_and_serving_add_up_over_all_requests() -> None:
    queue = Station(1, 0.02)
    times = serve(queue, 3)
    assert queue.waited == pytest.approx(sum(entry.waited for entry in times))
    assert queue.served == pytest.approx(sum(entry.served for entry in times))


def test_a_request_that_is_given_up_while_it_waits_does_not_block_the_next() -> None:
    queue = Station(1, 0.02)

    async def give_up() -> None:
        first, second, third = (asyncio.create_task(queue.serve()) for _ in range(3))
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.wait_for(asyncio.gather(first, third), 2)

    asyncio.run(give_up())
    assert (queue.requests, queue.running, queue.waiting) == (2, 0, 0)


@pytest.mark.parametrize(("text", "seconds"), [("200ms", 0.2), ("1.5s", 1.5)])
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["200", "2m", "-1s", ""])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 200ms or 1\.5s"):
        duration(text)


def test_the_pods_annotations_win_over_the_engines_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_SERVICE_TIME", "250ms")
    monkeypatch.setenv("SANDBOX_CONCURRENCY", "3")
    found = station(1, 0.1)
    assert (found.places, found.seconds) == (3, 0.25)
