"""Riva: streaming speech recognition, as `riva_streaming_asr_client --simulate_realtime` does it.

Source: nvidia-riva/common riva/proto/riva_asr.proto; nvidia-riva/cpp-clients riva/clients/asr (chunks of 100 ms).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from grpc import aio

from headroom.sandbox.engines.riva_messages import STREAMING_RECOGNIZE, Config, Result, audio
from headroom.sandbox.load.protocols import stream
from headroom.sandbox.load.protocols.form import Option, Protocol, Send

OPTIONS = {**stream.OPTIONS, "chunk": Option(100, "milliseconds of audio in a message")}
# What a float of 32 bits and the last chunk of a pipeline may lack.
_TOLERANCE_SECONDS = 0.01


@dataclass(frozen=True)
class Streams:
    """Streams of silence to the model that Riva chooses for English, or to `model`."""

    model: str
    pace: stream.Pace
    port: str = "speech-grpc"

    def sender(self, timeout: float) -> AbstractAsyncContextManager[Send]:
        return stream.sender(self._talk, self.pace.seconds, timeout)

    async def _talk(self, channel: aio.Channel, sent: Callable[[], None]) -> None:
        config = Config(stream.SAMPLE_RATE, model=self.model)

        async def messages() -> AsyncIterator[bytes]:
            yield config.written()
            async for seconds, last in self.pace.chunks():
                yield audio(bytes(int(seconds * config.bytes_per_second)))
                if last:
                    sent()

        results: tuple[Result, ...] = ()
        async for message in channel.stream_stream(STREAMING_RECOGNIZE)(messages()):
            results = Result.read(message)
        if not results or not results[-1].final:
            raise stream.Cut("it ended without a final transcript")
        if results[-1].processed < self.pace.seconds - _TOLERANCE_SECONDS:
            raise stream.Cut(f"of {self.pace.seconds:g} s of audio {results[-1].processed:.2f} s were transcribed")


def streams(model: str, values: Mapping[str, float]) -> Streams:
    return Streams(model, stream.Pace(values["seconds"], values["chunk"] / 1000, bool(values["realtime"])))


RIVA = Protocol(streams, OPTIONS, names_model=False)
