"""The OpenAI API: chat completions with prompts and answers of a given length, as a stream or whole.

The options are those of genai-perf and its successor AIPerf by other names (`--synthetic-input-tokens-mean`, `--output-tokens-mean`,
`--streaming`); `ignore_eos` and `min_tokens` make every answer as long as was asked, on vLLM and what is built on it.
Source: https://platform.openai.com/docs/api-reference/chat/create, docs.nvidia.com/aiperf.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer, Option, Protocol, Send
from headroom.sandbox.load.protocols.sse import FAILURES, events, fetched, told

PATH, MODELS = "/v1/chat/completions", "/v1/models"
FIRST_TOKEN, BETWEEN_TOKENS = "seconds to the first token", "seconds between tokens"

OPTIONS: Mapping[str, Option] = {
    "prompt-tokens": Option(200, "tokens of a prompt, on average"),
    "prompt-deviation": Option(10, "standard deviation of that"),
    "output-tokens": Option(200, "tokens of an answer, on average"),
    "output-deviation": Option(0, "standard deviation of that; some of it keeps a closed loop's requests from ending all at once"),
    "stream": Option(1, "1: token by token; 0: the answer as a whole"),
}


@dataclass(frozen=True)
class Chat:
    """Without a `model` a pod is asked which one it serves."""

    model: str
    prompt_tokens: float
    prompt_deviation: float
    output_tokens: float
    output_deviation: float
    stream: bool
    port: str = "http"

    @contextlib.asynccontextmanager
    async def sender(self, timeout: float) -> AsyncIterator[Send]:
        # The same lengths in every run, so that runs can be compared.
        lengths, known = random.Random(0), self.model

        async def send(address: Address) -> Answer:
            nonlocal known
            try:
                async with asyncio.timeout(timeout):
                    known = known or await _served(address)
                    prompt = _length(lengths, self.prompt_tokens, self.prompt_deviation)
                    output = _length(lengths, self.output_tokens, self.output_deviation)
                    return await self.exchange(address, self.body(known, prompt, output))
            except FAILURES as error:
                return Answer(told(error))

        yield send

    def body(self, model: str, prompt: int, output: int) -> bytes:
        """A prompt is as many short words as it shall have tokens: about one each for any tokenizer."""
        asked = {
            "model": model,
            "messages": [{"role": "user", "content": "token " * prompt}],
            "max_tokens": output,
            "min_tokens": output,
            "ignore_eos": True,
            "stream": self.stream,
        }
        return json.dumps(asked).encode()

    async def exchange(self, address: Address, body: bytes) -> Answer:
        if not self.stream:
            await fetched(address, PATH, body)
            return Answer()
        clock = asyncio.get_running_loop().time
        begun, times = clock(), list[float]()
        try:
            async with events(address, PATH, body) as stream:
                async for event in stream:
                    if event == b"[DONE]":
                        return Answer(None, measures(begun, times))
                    times.append(clock())
        except (OSError, EOFError, ValueError):
            if not times:
                raise
        return Answer("stream cut before its end")


def _length(lengths: random.Random, mean: float, deviation: float) -> int:
    return max(1, round(lengths.gauss(mean, deviation)))


def measures(begun: float, times: list[float]) -> dict[str, float]:
    """`times` are those at which tokens came. The time between them is the answer's mean, as AIPerf has it."""
    if not times:
        return {}
    between = {BETWEEN_TOKENS: (times[-1] - times[0]) / (len(times) - 1)} if len(times) > 1 else {}
    return {FIRST_TOKEN: times[0] - begun, **between}


async def _served(address: Address) -> str:
    return json.loads(await fetched(address, MODELS))["data"][0]["id"]


def chat(model: str, options: Mapping[str, float]) -> Chat:
    prompt, prompt_deviation, output, output_deviation, stream = (options[name] for name in OPTIONS)
    return Chat(model, prompt, prompt_deviation, output, output_deviation, bool(stream))


OPENAI = Protocol(chat, OPTIONS, names_model=False)
