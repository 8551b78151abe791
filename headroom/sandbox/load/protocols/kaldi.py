"""Kaldi on Triton: sequences of chunks through `ModelStreamInfer`, one gRPC stream for each, as `kaldi-asr-parallel-client -o` paces them.

The published client shares ten gRPC streams among all sequences, and a stream stays on its pod: new replicas would get nothing.
Source: NVIDIA/DeepLearningExamples Kaldi/SpeechRecognition kaldi-asr-client.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cached_property

from grpc import aio

from headroom.sandbox.engines import kserve
from headroom.sandbox.load.protocols import stream
from headroom.sandbox.load.protocols.form import Option, Protocol, Send

OPTIONS = {**stream.OPTIONS, "samples": Option(8160, "samples in a chunk: the dimension of WAV_DATA, 16000 are a second")}
# A correlation id belongs to one sequence of a server, whichever client sends it: each process has its own range.
_IDENTITIES = itertools.count(secrets.randbits(42) << 20 | 1)


@dataclass(frozen=True)
class Streams:
    """Streams of silence to `model`."""

    model: str
    samples: int
    pace: stream.Pace
    port: str = "grpc"

    def sender(self, timeout: float) -> AbstractAsyncContextManager[Send]:
        return stream.sender(self._talk, self.pace.seconds, timeout)

    async def _talk(self, channel: aio.Channel, sent: Callable[[], None]) -> None:
        identity, error = next(_IDENTITIES), ""

        async def messages() -> AsyncIterator[bytes]:
            first = True
            async for seconds, last in self.pace.chunks():
                yield self._chunk(seconds, last) + kserve.parameters(
                    {"sequence_id": identity, "sequence_start": first, "sequence_end": last}
                )
                first = False
                if last:
                    sent()

        outputs: Mapping[str, bytes] = {}
        call = channel.stream_stream(kserve.STREAM_INFER)(messages())
        async for message in call:
            error, outputs = kserve.read_answer(message)
            if error:
                call.cancel()
                break
        if error or "TEXT" not in outputs:
            raise stream.Cut(error.replace(str(identity), "ID") or "it ended without a transcript")

    def _chunk(self, seconds: float, last: bool) -> bytes:
        """A request without its parameters: all but the last are the same."""
        return self._full if not last else self._message(round(seconds * stream.SAMPLE_RATE), ("TEXT",))

    @cached_property
    def _full(self) -> bytes:
        # Without any output named all are meant, and TEXT before the end asks for an interim answer.
        return self._message(self.samples, ("RAW_LATTICE",))

    def _message(self, samples: int, outputs: tuple[str, ...]) -> bytes:
        wave = kserve.Tensor("WAV_DATA", "FP32", (1, self.samples), bytes(4 * self.samples))
        return kserve.body(self.model, (wave, kserve.Tensor("WAV_DATA_DIM", "INT32", (1, 1), samples.to_bytes(4, "little"))), outputs)


def streams(model: str, values: Mapping[str, float]) -> Streams:
    samples = int(values["samples"])
    return Streams(model or "kaldi_online", samples, stream.Pace(values["seconds"], samples / stream.SAMPLE_RATE, bool(values["realtime"])))


KALDI = Protocol(streams, OPTIONS, names_model=False)
