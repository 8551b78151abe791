"""Triton's generate extension, by which TensorRT-LLM's ensemble is asked for an answer: whole, or word by word.

Source: triton-inference-server/server docs/protocol/extension_generate.md.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer, Protocol
from headroom.sandbox.load.protocols.openai import OPTIONS, Chat, measures
from headroom.sandbox.load.protocols.sse import events, fetched

ENSEMBLE = "ensemble"
"""The chain of tokenizer, model and detokenizer; `tensorrt_llm` itself takes and gives numbers of tokens."""


class Generation(Chat):
    """Requests of given lengths, as `Chat` has them."""

    def body(self, model: str, prompt: int, output: int) -> bytes:
        return json.dumps({"text_input": "token " * prompt, "max_tokens": output, "stream": self.stream}).encode()

    async def exchange(self, address: Address, body: bytes) -> Answer:
        path = f"/v2/models/{self.model}/generate"
        if not self.stream:
            await fetched(address, path, body)
            return Answer()
        clock = asyncio.get_running_loop().time
        begun, times = clock(), list[float]()
        async with events(address, f"{path}_stream", body) as stream:
            async for _ in stream:
                times.append(clock())
        return Answer(None, measures(begun, times)) if times else Answer("no token came")


def generation(_: str, options: Mapping[str, float]) -> Generation:
    prompt, prompt_deviation, output, output_deviation, stream = (options[name] for name in OPTIONS)
    return Generation(ENSEMBLE, prompt, prompt_deviation, output, output_deviation, bool(stream))


GENERATE = Protocol(generation, {**OPTIONS, "stream": replace(OPTIONS["stream"], default=0)}, names_model=False)
