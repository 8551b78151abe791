"""Requests to TensorRT-LLM's ensemble against the simulated server on loopback."""

from __future__ import annotations

import asyncio

import pytest

from headroom.sandbox.engines.http import Server
from headroom.sandbox.engines.tensorrt_llm import TensorRtLlm
from headroom.sandbox.engines.tensorrt_llm_repository import EngineFiles
from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer
from headroom.sandbox.load.protocols.generate import GENERATE
from headroom.sandbox.load.protocols.openai import BETWEEN_TOKENS, FIRST_TOKEN
from tests.free_ports import free_ports


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_STEP_TIME", "10ms")


def answer(models: list[str], **chosen: float) -> Answer:
    async def ask() -> Answer:
        served, port = Server(TensorRtLlm(EngineFiles(4, 1, 1), models).answer), free_ports()[0]
        await served.start("127.0.0.1", port)
        call = GENERATE.call("", GENERATE.values({"prompt-tokens": 20, "output-tokens": 6, **chosen}))
        async with call.sender(10) as send:
            try:
                return await send(Address("127.0.0.1", port))
            finally:
                await served.end(0)

    return asyncio.run(ask())


def test_a_whole_answer_measures_nothing_more_than_its_duration() -> None:
    assert answer(["ensemble"]) == Answer()


def test_a_streamed_answer_is_measured_to_its_first_token_and_between_tokens() -> None:
    found = answer(["ensemble"], stream=1)
    assert (found.failure, found.measures.keys()) == (None, {FIRST_TOKEN, BETWEEN_TOKENS})


def test_a_refusal_is_a_failure() -> None:
    assert answer([]).failure == "HTTP 400"
