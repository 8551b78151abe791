"""What a language model's server does with its tokens: continuous batching over a paged KV cache, with a line before it.

Nothing is computed: an iteration takes its time, gives one token to every running sequence, and lets in whoever waits and fits.
Sources: vllm-project/vllm docs/design (continuous batching, paged attention, preemption by recomputation).
"""

from __future__ import annotations

import asyncio
import math
import os
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from headroom.sandbox.engines.core import duration
from headroom.sandbox.engines.histogram import Histogram

BLOCK_TOKENS = 16
"""Tokens in a block of the KV cache, as vLLM has it by default."""
PREFILL_TOKENS = 8192
"""Prompt tokens that one iteration takes in at most, but never less than one sequence."""

SEQUENCES, STEP_TIME, PROMPT_RATE, KV_TOKENS = "SANDBOX_SEQUENCES", "SANDBOX_STEP_TIME", "SANDBOX_PROMPT_RATE", "SANDBOX_KV_TOKENS"


@dataclass(frozen=True)
class Capacity:
    """What one replica holds and how fast it is. An 8B model on a GPU of 80 GB has some 300 000 tokens of KV cache.

    The times are slowed about tenfold, to what two cores can keep up with: a GPU needs some 20 ms for an iteration.
    """

    sequences: int = 256
    """Run at once at most, whatever the cache would hold."""
    step: float = 0.2
    """Seconds of an iteration: every running sequence gets one token."""
    prompt_rate: float = 20_000
    """Prompt tokens per second that prefill adds to an iteration's time."""
    kv_tokens: int = 300_000

    @property
    def blocks(self) -> int:
        return self.kv_tokens // BLOCK_TOKENS


def capacity() -> Capacity:
    """The usual one, unless the container's environment says otherwise."""
    usual = Capacity()
    step = os.environ.get(STEP_TIME)
    return Capacity(
        sequences=int(os.environ.get(SEQUENCES, usual.sequences)),
        step=duration(step) if step else usual.step,
        prompt_rate=float(os.environ.get(PROMPT_RATE, usual.prompt_rate)),
        kv_tokens=int(os.environ.get(KV_TOKENS, usual.kv_tokens)),
    )


@dataclass(eq=False)
class Sequence:
    """One request; times are those of the event loop."""

    prompt: int
    output: int
    arrived: float
    admitted: float | None = None
    last: float | None = None
    """When it got its latest token."""
    generated: int = 0
    given_up: bool = False
    fresh: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    """The number of each token as it comes."""

    @property
    def blocks(self) -> int:
        return math.ceil((self.prompt + self.generated + 1) / BLOCK_TOKENS)

    async def tokens(self) -> AsyncGenerator[int, None]:
        """1, 2, … as they are generated. Whoever stops listening early gives the request up."""
        try:
            while (number := await self.fresh.get()) < self.output:
                yield number
            yield number
        finally:
            self.given_up = self.generated < self.output


# Upper bounds, vLLM's: those of other engines are among them.
_FIRST_TOKEN = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560)
_BETWEEN_TOKENS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80)
_REQUEST = (0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680)


@dataclass
class Totals:
    """Counted since the start; histograms in seconds or tokens."""

    prompt_tokens: int = 0
    generation_tokens: int = 0
    preemptions: int = 0
    finished: int = 0
    aborted: int = 0
    first_token: Histogram = field(default_factory=lambda: Histogram(_FIRST_TOKEN))
    between_tokens: Histogram = field(default_factory=lambda: Histogram(_BETWEEN_TOKENS))
    whole: Histogram = field(default_factory=lambda: Histogram(_REQUEST))
    queued: Histogram = field(default_factory=lambda: Histogram(_REQUEST))
    prompts: Histogram = field(default_factory=lambda: Histogram(one_two_five(100_000)))
    outputs: Histogram = field(default_factory=lambda: Histogram(one_two_five(100_000)))


def one_two_five(most: int) -> tuple[float, ...]:
    """1, 2, 5, 10, 20, 50, … up to `most`."""
    return tuple(bound for power in range(len(str(most))) for bound in (10**power, 2 * 10**power, 5 * 10**power) if bound <= most)


class Batch:
    """The running sequences and the line before them."""

    def __init__(self, capacity: Capacity) -> None:
        self.capacity = capacity
        self.totals = Totals()
        self.running: list[Sequence] = []
        self.waiting: deque[Sequence] = deque()
        self._turning: asyncio.Task[None] | None = None

    @property
    def used(self) -> int:
        """Blocks of the cache."""
        return sum(sequence.blocks for sequence in self.running)

    @property
    def usage(self) -> float:
        """0 to 1."""
        return min(1.0, self.used / self.capacity.blocks)

    def submit(self, prompt: int, output: int) -> Sequence:
        """Puts a request of so many prompt tokens, to be answered with so many, at the end of the line."""
        sequence = Sequence(prompt, output, asyncio.get_running_loop().time())
        self.waiting.append(sequence)
        if self._turning is None or self._turning.done():
            self._turning = asyncio.create_task(self._turn())
        return sequence

    async def _turn(self) -> None:
        """Iterations by the clock, as long as there is work. One that comes late is not made up for."""
        clock = asyncio.get_running_loop().time
        due = clock()
        while self.running or self.waiting:
            due = max(due + self.capacity.step + self._admit(clock()) / self.capacity.prompt_rate, clock())
            await asyncio.sleep(due - clock())
            self._generate(clock())

    def _admit(self, now: float) -> int:
        """Lets in who waits longest while there is room; the prompt tokens to be computed first."""
        tokens, free = 0, self.capacity.blocks - self.used
        while self.waiting and len(self.running) < self.capacity.sequences:
            sequence = self.waiting[0]
            if sequence.given_up:
                self.waiting.popleft()
                self.totals.aborted += 1
                continue
            again = sequence.prompt + sequence.generated
            if sequence.blocks > free or (tokens and tokens + again > PREFILL_TOKENS):
                break
            self.waiting.popleft()
            if sequence.admitted is None:
                sequence.admitted = now
                self.totals.queued.observe(now - sequence.arrived)
            self.running.append(sequence)
            tokens, free = tokens + again, free - sequence.blocks
        return tokens

    def _generate(self, now: float) -> None:
        """One token for every running sequence; the youngest go back into the line when the cache is full."""
        self._drop_given_up()
        self._make_room()
        for sequence in self.running:
            self._count(sequence, now)
        self.running = [sequence for sequence in self.running if sequence.generated < sequence.output]

    def _drop_given_up(self) -> None:
        kept = [sequence for sequence in self.running if not sequence.given_up]
        self.totals.aborted += len(self.running) - len(kept)
        self.running = kept

    def _make_room(self) -> None:
        while len(self.running) > 1 and self.used > self.capacity.blocks:
            self.waiting.appendleft(self.running.pop())
            self.totals.preemptions += 1

    def _count(self, sequence: Sequence, now: float) -> None:
        totals = self.totals
        sequence.generated += 1
        totals.generation_tokens += 1
        if sequence.last is None:
            totals.prompt_tokens += sequence.prompt
            totals.first_token.observe(now - sequence.arrived)
        else:
            totals.between_tokens.observe(now - sequence.last)
        sequence.last = now
        sequence.fresh.put_nowait(sequence.generated)
        if sequence.generated == sequence.output:
            totals.finished += 1
            totals.whole.observe(now - sequence.arrived)
            totals.prompts.observe(sequence.prompt)
            totals.outputs.observe(sequence.output)
