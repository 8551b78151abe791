"""Chat completions against a simulated server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import pytest

from headroom.sandbox.engines.http import Request, Response, Server
from headroom.sandbox.engines.llm import Batch, Capacity
from headroom.sandbox.engines.openai import Api
from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer
from headroom.sandbox.load.protocols.openai import BETWEEN_TOKENS, FIRST_TOKEN, OPENAI
from tests.free_ports import free_ports

pytestmark = pytest.mark.thorough

STEP = 0.02


class Served:
    """A server with one model, and what it was asked."""

    def __init__(self, instead: Callable[[], Response | None]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._api = Api("model", 10_000, Batch(Capacity(step=STEP, prompt_rate=1e9)))
        self._instead = instead

    async def answer(self, request: Request) -> Response:
        if request.body:
            self.asked.append(json.loads(request.body))
            if given := self._instead():
                return given
        return await self._api.answer(request) or Response(404)


@contextlib.asynccontextmanager
async def listening(served: Served) -> AsyncIterator[Address]:
    server, port = Server(served.answer), free_ports()[0]
    await server.start("127.0.0.1", port)
    yield Address("127.0.0.1", port)
    await server.end(0)


def answers(
    chosen: dict[str, float], count: int = 1, timeout: float = 10, instead: Callable[[], Response | None] = lambda: None
) -> tuple[list[Answer], Served]:
    """What comes of `count` requests, one after the other, and the server that was asked."""
    served = Served(instead)

    async def scenario() -> list[Answer]:
        call = OPENAI.call("", OPENAI.values({"prompt-tokens": 50, "output-tokens": 6, **chosen}))
        async with listening(served) as address, call.sender(timeout) as send:
            return [await send(address) for _ in range(count)]

    return asyncio.run(scenario()), served


def test_a_stream_is_measured_to_its_first_token_and_between_tokens() -> None:
    [answer], _ = answers({})
    assert answer.failure is None
    assert answer.measures[FIRST_TOKEN] >= STEP * 0.9
    assert answer.measures[BETWEEN_TOKENS] >= STEP * 0.5


def test_an_answer_of_one_token_has_no_time_between_tokens() -> None:
    assert answers({"output-tokens": 1})[0][0].measures.keys() == {FIRST_TOKEN}


def test_a_whole_answer_measures_nothing_more_than_its_duration() -> None:
    assert answers({"stream": 0})[0] == [Answer()]


def test_the_model_is_asked_for_where_none_is_named() -> None:
    assert [asked["model"] for asked in answers({}, count=2)[1].asked] == ["model", "model"]


def test_lengths_vary_as_they_were_said_to_and_are_the_same_in_every_run() -> None:
    def lengths() -> list[tuple[int, int]]:
        asked = answers({"output-tokens": 4, "output-deviation": 2}, count=8)[1].asked
        return [(len(one["messages"][0]["content"].split()), one["max_tokens"]) for one in asked]

    first = lengths()
    assert len(set(first)) > 1
    assert lengths() == first


async def cut(pieces: int) -> AsyncGenerator[bytes, None]:
    for _ in range(pieces):
        yield b'data: {"choices": []}\n\n'
    raise ConnectionResetError


@pytest.mark.parametrize(
    ("instead", "failure"),
    [
        (lambda: Response(503), "HTTP 503"),
        (lambda: Response(content_type="text/event-stream", stream=cut(3)), "stream cut before its end"),
        (lambda: Response(content_type="text/event-stream", stream=cut(0)), "EOFError: connection closed"),
    ],
    ids=["refused", "cut", "closed"],
)
def test_what_is_no_whole_answer_is_a_failure(instead: Callable[[], Response], failure: str) -> None:
    assert answers({}, instead=instead)[0][0].failure == failure


def test_an_answer_that_takes_too_long_is_a_failure() -> None:
    assert answers({"output-tokens": 500}, timeout=0.2)[0][0].failure == "no answer in time"


def test_events_that_a_proxy_tore_apart_are_put_together() -> None:
    async def torn() -> AsyncGenerator[bytes, None]:
        for piece in (b"da", b'ta: {"choices": []}', b"\n\ndata: {}\n\nda", b"ta: [DONE]\n\n"):
            yield piece

    [answer], _ = answers({}, instead=lambda: Response(content_type="text/event-stream", stream=torn()))
    assert (answer.failure, BETWEEN_TOKENS in answer.measures) == (None, True)
