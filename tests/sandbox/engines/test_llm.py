"""Continuous batching: tokens by the clock, a cache that fills, a line before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from headroom.sandbox.engines.llm import Batch, Capacity, Sequence, one_two_five

QUICK = Capacity(sequences=8, step=0.005, prompt_rate=1e9, kv_tokens=16 * 64)


async def drained(sequence: Sequence) -> int:
    return len([number async for number in sequence.tokens()])


async def together(batch: Batch, requests: list[tuple[int, int]]) -> list[int]:
    return await asyncio.gather(*(drained(batch.submit(*request)) for request in requests))


def test_every_request_gets_the_tokens_it_asked_for() -> None:
    assert asyncio.run(together(Batch(QUICK), [(3, 1), (20, 7), (100, 30)])) == [1, 7, 30]


def test_running_together_takes_as_long_as_the_longest_alone() -> None:
    """Every running sequence gets a token per iteration: that is what batching is for."""
    batch = Batch(QUICK)

    async def iterations() -> int:
        await together(batch, [(3, 10)] * 8)
        return batch.totals.between_tokens.count + batch.totals.first_token.count

    assert asyncio.run(iterations()) == 80
    assert batch.totals.queued.count == 8


def seen_while(capacity: Capacity, requests: list[tuple[int, int]], look: Callable[[Batch], tuple[float, ...]]) -> tuple[float, ...]:
    """What `look` sees after the first token of the first request."""
    batch = Batch(capacity)

    async def scenario() -> tuple[float, ...]:
        first, *others = [batch.submit(*request) for request in requests]
        await anext(first.tokens())
        seen = look(batch)
        await asyncio.gather(*(drained(other) for other in others))
        return seen

    return asyncio.run(scenario())


def test_no_more_run_at_once_than_the_capacity_says() -> None:
    capacity = Capacity(sequences=2, step=0.005, prompt_rate=1e9, kv_tokens=16 * 64)
    assert seen_while(capacity, [(3, 5)] * 5, lambda batch: (len(batch.running), len(batch.waiting))) == (2, 3)


def test_who_does_not_fit_into_the_cache_waits() -> None:
    """64 blocks of 16 tokens: two prompts of 25 blocks fit, and their first tokens."""
    assert seen_while(QUICK, [(399, 5)] * 4, lambda batch: (len(batch.running), len(batch.waiting))) == (2, 2)


def test_usage_is_the_share_of_blocks_from_0_to_1() -> None:
    assert Batch(QUICK).usage == 0
    assert seen_while(QUICK, [(16 * 16 - 2, 3)], lambda batch: (batch.usage,)) == (0.25,)


def test_an_idle_batch_holds_nothing() -> None:
    batch = Batch(QUICK)
    asyncio.run(together(batch, [(100, 5)] * 20))
    assert (batch.usage, batch.running, len(batch.waiting)) == (0, [], 0)


def test_when_the_cache_is_full_the_youngest_goes_back_and_ends_all_the_same() -> None:
    batch = Batch(Capacity(sequences=8, step=0.002, prompt_rate=1e9, kv_tokens=16 * 4))
    assert asyncio.run(together(batch, [(15, 40), (15, 40)])) == [40, 40]
    assert batch.totals.preemptions > 0
    assert batch.totals.generation_tokens == 80


def test_prefill_takes_the_time_of_its_tokens() -> None:
    async def first_token(prompt: int) -> float:
        clock = asyncio.get_running_loop().time
        begun, sequence = clock(), Batch(Capacity(step=0.001, prompt_rate=1000)).submit(prompt, 1)
        await drained(sequence)
        return clock() - begun

    assert asyncio.run(first_token(200)) >= 0.2


def test_whoever_is_given_up_frees_its_place() -> None:
    batch = Batch(Capacity(sequences=1, step=0.005, prompt_rate=1e9))

    async def scenario() -> int:
        tokens = batch.submit(3, 1000).tokens()
        await anext(tokens)
        await tokens.aclose()
        return await asyncio.wait_for(drained(batch.submit(3, 2)), 5)

    assert asyncio.run(scenario()) == 2
    assert (batch.totals.aborted, batch.totals.finished) == (1, 1)


@pytest.mark.parametrize(("most", "bounds"), [(1, (1,)), (50, (1, 2, 5, 10, 20, 50)), (99, (1, 2, 5, 10, 20, 50))])
def test_bounds_by_powers_of_ten(most: int, bounds: tuple[int, ...]) -> None:
    assert one_two_five(most) == bounds
