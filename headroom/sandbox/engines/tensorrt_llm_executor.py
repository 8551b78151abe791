"""TensorRT-LLM's executor: in-flight batching with the counts that the real one keeps of each iteration.

A request is *queued* until one of few places is free, then *active*; *scheduled* are those that the present iteration computes. The places
are the engine's `max_batch_size`, times the stages of a pipeline, whose stages compute one part of them each at a time.
Sources: NVIDIA/TensorRT-LLM cpp/tensorrt_llm/executor/executorImpl.cpp (fetchNewRequests, getCurrentIterationStats),
batch_manager/trtGptModel.h (maxNumSequences), triton_backend/inflight_batcher_llm/src/model_instance_state.cc (WaitForStats).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from headroom.sandbox.engines.core import Times
from headroom.sandbox.engines.llm import Batch, capacity
from headroom.sandbox.engines.tensorrt_llm_repository import EngineFiles

BLOCK_TOKENS = 64
"""Tokens in a block of the KV cache, as in the gauges that the backend's README shows."""


class Tally:
    """What Triton counts of a model's requests when they are done; all of it is called computing, the executor's queue too."""

    requests = 0
    waited = 0.0
    served = 0.0
    waiting = 0
    """None, ever: the backend hands a request to the executor as soon as Triton gives it one."""

    @property
    def executions(self) -> int:
        return self.requests

    def add(self, times: Times) -> None:
        self.requests += 1
        self.waited += times.waited
        self.served += times.served


class Executor(Batch):
    """The model `tensorrt_llm`."""

    def __init__(self, engine: EngineFiles) -> None:
        super().__init__(replace(capacity(), sequences=engine.max_batch_size * engine.pipeline))
        self.tally = Tally()
        self.iterations = 0
        self._stages = engine.pipeline

    async def generate(self, prompt: int, output: int) -> AsyncGenerator[int, None]:
        """The number of each token as it comes."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        async with aclosing(self.submit(prompt, output).tokens()) as tokens:
            async for number in tokens:
                yield number
        self.tally.add(Times(0.0, clock() - begun))

    def _generate(self, now: float) -> None:
        self.iterations += 1
        super()._generate(now)

    @property
    def places(self) -> int:
        return self.capacity.sequences

    @property
    def active(self) -> int:
        """Never more than there are places: who is queued beyond them shows in no gauge."""
        return min(self.places, len(self.running) + len(self.waiting))

    @property
    def scheduled(self) -> int:
        return math.ceil(len(self.running) / self._stages)

    @property
    def context(self) -> int:
        """Requests whose prompt is being computed."""
        return min(self.scheduled, sum(sequence.last is None for sequence in self.running))

    @property
    def blocks(self) -> int:
        return self.capacity.kv_tokens // BLOCK_TOKENS

    @property
    def used_blocks(self) -> int:
        return min(self.blocks, sum(math.ceil((one.prompt + one.generated + 1) / BLOCK_TOKENS) for one in self.running))
