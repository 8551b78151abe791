"""Sequences as Triton's batcher takes them, in its words (core's src/sequence_batch_scheduler)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from headroom.sandbox.engines.core import Times
from headroom.sandbox.engines.sequences import Refused, Sequences

UNKNOWN = "inference request for sequence 7 to model 'm' must specify the START flag on the first request of the sequence"


class Instance:
    """Computes when it is told to, and notes in which order it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.go = asyncio.Event()

    async def compute(self, arrived: float) -> Times:
        self.asked.append(arrived)
        await self.go.wait()
        return Times(0, 0)


def run(test: Callable[[Instance], Awaitable[None]]) -> None:
    async def main() -> None:
        await asyncio.wait_for(test(Instance()), 10)

    asyncio.run(main())


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_the_requests_of_a_sequence_are_computed_one_after_the_other() -> None:
    async def test(instance: Instance) -> None:
        sequences = Sequences("m", 2, 5, instance.compute)
        first = sequences.request(7, start=True, end=False)
        last = sequences.request(7, start=False, end=True)
        await settle()
        assert len(instance.asked) == 1
        instance.go.set()
        await asyncio.gather(first, last)
        assert len(instance.asked) == 2

    run(test)


def test_a_sequence_beyond_the_slots_waits_until_another_has_ended() -> None:
    async def test(instance: Instance) -> None:
        sequences = Sequences("m", 1, 5, instance.compute)
        sequences.request(1, start=True, end=True)
        second = sequences.request(2, start=True, end=True)
        await settle()
        assert (len(instance.asked), sequences.candidates) == (1, 1)
        instance.go.set()
        await second
        await settle()
        assert (len(instance.asked), sequences.candidates) == (2, 0)

    run(test)


def test_a_request_of_a_sequence_that_has_not_begun_is_refused() -> None:
    async def test(instance: Instance) -> None:
        with pytest.raises(Refused, match=UNKNOWN):
            Sequences("m", 1, 5, instance.compute).request(7, start=False, end=False)

    run(test)


def test_a_request_after_the_end_of_its_sequence_is_refused() -> None:
    async def test(instance: Instance) -> None:
        sequences = Sequences("m", 1, 5, instance.compute)
        sequences.request(7, start=True, end=True)
        with pytest.raises(Refused, match=UNKNOWN):
            sequences.request(7, start=False, end=False)

    run(test)


def test_a_request_without_a_correlation_id_is_refused() -> None:
    async def test(instance: Instance) -> None:
        with pytest.raises(Refused, match="must specify a non-zero or non-empty correlation ID"):
            Sequences("m", 1, 5, instance.compute).request(0, start=True, end=False)

    run(test)


def test_an_idle_sequence_loses_its_slot_to_one_that_waits() -> None:
    async def test(instance: Instance) -> None:
        instance.go.set()
        sequences = Sequences("m", 1, 0.05, instance.compute)
        await sequences.request(7, start=True, end=False)
        waiting = sequences.request(8, start=True, end=True)
        await asyncio.sleep(0.1)
        sequences.drop_idle()
        await waiting
        with pytest.raises(Refused, match=UNKNOWN):
            sequences.request(7, start=False, end=False)

    run(test)


def test_a_correlation_id_that_begins_again_ends_the_sequence_before(capsys: pytest.CaptureFixture[str]) -> None:
    async def test(instance: Instance) -> None:
        instance.go.set()
        sequences = Sequences("m", 1, 5, instance.compute)
        sequences.request(7, start=True, end=False)
        await sequences.request(7, start=True, end=True)
        assert sequences.open == 0

    run(test)
    assert "Previous sequence will be terminated early" in capsys.readouterr().out


def test_when_it_is_stopped_even_a_sequence_that_has_begun_is_refused() -> None:
    async def test(instance: Instance) -> None:
        sequences = Sequences("m", 1, 5, instance.compute)
        sequences.request(7, start=True, end=False)
        sequences.stopped = True
        with pytest.raises(Refused, match="Server not ready"):
            sequences.request(7, start=False, end=False)

    run(test)
