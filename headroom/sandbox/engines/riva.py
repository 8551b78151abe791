"""Simulator of NVIDIA Riva: streaming speech recognition over gRPC, and Triton's health and metrics. `python -m …engines.riva`.

A stream's audio is computed in chunks of 160 ms, one at a time, whatever the size in which it comes; all streams share one acoustic model.
Not simulated: offline recognition, synthesis, translation, Triton's own gRPC port. What Riva does with running streams when it is told to
end is not documented: here they may finish, as in Triton.

Sources: nvidia-riva/common riva/proto, the chart riva-api 2.14.0, Riva's user guide (chunk size of its pipelines).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from headroom.sandbox.engines import riva_store, rpc
from headroom.sandbox.engines.batching import Batcher, Capacity, capacity
from headroom.sandbox.engines.core import until_told_to_end
from headroom.sandbox.engines.protobuf import Malformed
from headroom.sandbox.engines.riva_messages import STREAMING_RECOGNIZE, Config, Result, read_audio
from headroom.sandbox.engines.speech import GPU, Triton, transcript
from headroom.sandbox.engines.triton_metrics import Served

VERSION = "2.19.0"
TRITON = (24, 12)
STREAMS = 12
CHUNK_SECONDS = 0.16
LEAST_SECONDS = 0.02
LARGEST_BATCH = 32
STEP_SECONDS = 0.002
EXIT_SECONDS = 30
_SERVICES = ("asr", "nlp", "nmt", "tts")


@dataclass
class Step:
    """A model of the pipeline in which nothing waits."""

    requests: int = 0
    served: float = 0.0
    waited: float = 0.0
    waiting: int = 0

    def count(self, seconds: float) -> None:
        self.requests += 1
        self.served += seconds


class Riva:
    """The pipeline, and the streams that go through it."""

    def __init__(self, models: Sequence[str], capacity: Capacity) -> None:
        self._acoustic = Batcher(capacity, LARGEST_BATCH)
        self._steps = {name: Step() for name in models}
        self._name = riva_store.acoustic(models)
        self._ensemble = self._name.removeprefix("riva-trt-").removesuffix("-am-streaming")

    def served(self) -> list[Served]:
        """As metrics show it."""
        return [self._shown(name, step) for name, step in self._steps.items()]

    def _shown(self, name: str, step: Step) -> Served:
        if name == self._name:
            return Served(name, self._acoustic, gpu=GPU, executions=self._acoustic.executions)
        return Served(name, step, gpu=None if name == self._ensemble else GPU)

    async def recognize(self, messages: AsyncIterator[bytes], context: rpc.Context) -> AsyncIterator[bytes]:
        """`StreamingRecognize`: a configuration, then audio until the client has no more."""
        try:
            config = await self._config(messages, context)
            size, waiting, processed = int(config.bytes_per_second * CHUNK_SECONDS), bytearray(), 0.0
            async for message in messages:
                waiting += read_audio(message)
                while len(waiting) >= size:
                    del waiting[:size]
                    processed += CHUNK_SECONDS
                    await self._compute()
                    if config.interim_results:
                        yield Result(transcript(processed), final=False, processed=processed).written()
            if waiting:
                processed += len(waiting) / config.bytes_per_second
                await self._compute()
            yield Result(transcript(processed), final=True, processed=processed).written()
        except Malformed as error:
            await rpc.refuse(context, str(error))

    async def _config(self, messages: AsyncIterator[bytes], context: rpc.Context) -> Config:
        config = Config.read(await anext(aiter(messages), b""))
        if config is None:
            await rpc.refuse(context, "Error: First StreamingRecognizeRequest must contain the streaming_config")
        assert config
        if config.sample_rate < 8000 or not self._serves(config):
            wanted = f"language_code={config.language}; sample_rate={config.sample_rate}; type=online;"
            await rpc.refuse(context, f"Error: Unavailable model requested given these parameters: {wanted}")
        return config

    def _serves(self, config: Config) -> bool:
        return self._ensemble.endswith("-streaming") and config.language in self._ensemble and config.model in ("", self._ensemble)

    async def _compute(self) -> None:
        times = await self._acoustic.compute()
        for name, step in self._steps.items():
            if name == self._ensemble:
                step.count(times.waited + times.served)
            elif name != self._name and name.startswith(self._ensemble):
                step.count(STEP_SECONDS)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"start-riva: {message}", file=sys.stderr)
        sys.exit(1)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Ends the process with status 1 at a flag that start-riva does not know."""
    parser = _Parser(prog="start-riva", add_help=False, allow_abbrev=False)
    for service in _SERVICES:
        parser.add_argument(f"--{service}_service", choices=("true", "false"), default="true")
    parser.add_argument("--riva_uri", default="0.0.0.0:50051")
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace, http_port: int = 8000, metrics_port: int = 8002) -> int:
    """Until it is told to end; then running streams may finish. The exit status."""
    able = capacity(STREAMS, CHUNK_SECONDS, LEAST_SECONDS)
    try:
        riva = Riva(riva_store.found(Path(os.environ.get("TRTIS_MODEL_STORE", "/data/models"))), able)
    except riva_store.NoModels as error:
        print(f"Riva: {error}", file=sys.stderr)
        return 1
    host, _, port = options.riva_uri.rpartition(":")
    triton = Triton(riva.served, TRITON)
    streams = rpc.Server({STREAMING_RECOGNIZE: riva.recognize} if options.asr_service == "true" else {})
    await triton.start(host, http_port, metrics_port)
    await streams.start(host, int(port))
    print(f"simulator of Riva {VERSION}: {able}; listening on {options.riva_uri}", flush=True)
    await until_told_to_end()
    print("told to end: running streams may finish", flush=True)
    await streams.end(EXIT_SECONDS)
    await triton.end()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(parse(sys.argv[1:]))))
