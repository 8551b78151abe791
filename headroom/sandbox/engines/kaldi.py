"""Simulator of Kaldi on Triton 21.05: `ModelStreamInfer` with sequences, its configuration, its metrics. `python -m …engines.kaldi`.

A chunk is a request; only the last one of a sequence, and one that asks for TEXT, is answered. Not simulated: ModelInfer, lattices, word
times. Told to end, this old Triton refuses whatever comes, the rest of sequences that have begun too (that changed with 22.05).

Sources: NVIDIA/DeepLearningExamples Kaldi/SpeechRecognition (backend, config.pbtxt); triton-inference-server/core src/server.cc.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from headroom.sandbox.engines import kserve, rpc
from headroom.sandbox.engines.batching import Batcher, capacity
from headroom.sandbox.engines.core import until_told_to_end
from headroom.sandbox.engines.kaldi_config import MODEL, OUTPUTS, Config, Wrong, load
from headroom.sandbox.engines.kserve import InferRequest, Tensor
from headroom.sandbox.engines.protobuf import Malformed
from headroom.sandbox.engines.sequences import Refused, Sequences
from headroom.sandbox.engines.speech import GPU, SAMPLE_RATE, Triton, transcript
from headroom.sandbox.engines.triton_arguments import parse
from headroom.sandbox.engines.triton_metrics import Served

RELEASE = (21, 5)
STREAMS = 300
LEAST_SECONDS = 0.05
IDLE_LOOK_SECONDS = 0.5


class Kaldi:
    """The one model and its sequences."""

    def __init__(self, config: Config) -> None:
        self.capacity = capacity(STREAMS, config.samples / SAMPLE_RATE, LEAST_SECONDS)
        self._config = config
        self._batcher = Batcher(self.capacity, config.largest_batch)
        self.sequences = Sequences(MODEL, config.candidates, config.idle, self._batcher.compute)
        self._audio: dict[int, float] = {}

    def served(self) -> list[Served]:
        """As metrics show it."""
        return [Served(MODEL, self._batcher, gpu=GPU, executions=self._batcher.executions)]

    async def infer(self, messages: AsyncIterator[bytes], _: rpc.Context) -> AsyncIterator[bytes]:
        """`ModelStreamInfer`: answers come as they are ready, and the stream ends when the client has no more and all are answered."""
        answers: asyncio.Queue[bytes | None] = asyncio.Queue()
        reader = asyncio.create_task(self._read(messages, answers))
        try:
            while (answer := await answers.get()) is not None:
                yield answer
        finally:
            reader.cancel()

    async def _read(self, messages: AsyncIterator[bytes], answers: asyncio.Queue[bytes | None]) -> None:
        running: set[asyncio.Task[None]] = set()
        async for message in messages:
            try:
                self._take(InferRequest.read(message), answers, running)
            except (Refused, Malformed) as error:
                answers.put_nowait(kserve.error(str(error)))
        await asyncio.gather(*running)
        answers.put_nowait(None)

    def _take(self, request: InferRequest, answers: asyncio.Queue[bytes | None], running: set[asyncio.Task[None]]) -> None:
        """Raises `Refused`."""
        self._check(request)
        asked = request.parameters
        identity, start, end = int(asked.get("sequence_id", 0)), bool(asked.get("sequence_start")), bool(asked.get("sequence_end"))
        if start and self._config.channels < self._config.candidates and self.sequences.candidates >= self._config.channels:
            raise Refused("failed to start cuda pipeline")
        done = self.sequences.request(identity, start=start, end=end)
        before = 0.0 if start else self._audio.pop(identity, 0.0)
        seconds = before + self._samples(request) / SAMPLE_RATE
        if not end:
            self._audio[identity] = seconds
        if end or "TEXT" in (request.outputs or OUTPUTS):
            task = asyncio.create_task(_answer(request, done, seconds, answers))
            running.add(task)
            task.add_done_callback(running.discard)

    def _check(self, request: InferRequest) -> None:
        if request.model != MODEL:
            raise Refused(f"Request for unknown model: '{request.model}' is not found")
        if len(request.inputs) != 2:
            raise Refused(f"expected 2 inputs but got {len(request.inputs)} inputs for model '{MODEL}'")
        for name, size in (("WAV_DATA", self._config.samples), ("WAV_DATA_DIM", 1)):
            shape = list(request.inputs[name].shape) if name in request.inputs else []
            if shape != [1, size]:
                raise Refused(f"unexpected shape for input '{name}' for model '{MODEL}'. Expected [-1,{size}], got {shape}")
        if self._samples(request) > self._config.samples:
            raise Refused("a chunk cannot contain more samples than the WAV_DATA dimension")

    def _samples(self, request: InferRequest) -> int:
        return int.from_bytes(request.inputs["WAV_DATA_DIM"].data, "little")


async def _answer(request: InferRequest, done: asyncio.Future, seconds: float, answers: asyncio.Queue[bytes | None]) -> None:
    await done
    said = kserve.strings(transcript(seconds))
    answers.put_nowait(kserve.answer(request, [Tensor(name, "BYTES", (1, 1), said) for name in request.outputs or OUTPUTS]))


async def serve(options: argparse.Namespace) -> int:
    """Until it is told to end. The exit status."""
    try:
        kaldi = Kaldi(load(Path(options.model_repository[0])))
    except Wrong as error:
        print(f"error: creating server: Internal - failed to load '{MODEL}': {error}", file=sys.stderr)
        return 1
    triton = Triton(kaldi.served, RELEASE)
    streams = rpc.Server({kserve.STREAM_INFER: kaldi.infer})
    await triton.start(options.http_address, options.http_port, options.metrics_port)
    await streams.start(options.http_address, options.grpc_port)
    print(f"simulator of Kaldi on Triton {RELEASE[0]}.{RELEASE[1]:02}: {kaldi.capacity}", flush=True)
    print(f"Starting Metrics Service at {options.http_address}:{options.metrics_port}", flush=True)
    watch = asyncio.create_task(_watch(kaldi.sequences))
    await until_told_to_end()
    kaldi.sequences.stopped = True
    print(f"Waiting for in-flight requests to complete; {kaldi.sequences.open} sequences have begun and are cut off here", flush=True)
    watch.cancel()
    await streams.end(options.exit_timeout_secs)
    await triton.end()
    return 0


async def _watch(sequences: Sequences) -> None:
    while True:
        await asyncio.sleep(IDLE_LOOK_SECONDS)
        sequences.drop_idle()


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(parse(sys.argv[1:]))))
