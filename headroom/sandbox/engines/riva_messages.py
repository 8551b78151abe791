"""Messages of `nvidia.riva.asr.RivaSpeechRecognition`, as far as a stream of speech needs them.

Source: nvidia-riva/common riva/proto/riva_asr.proto, riva_audio.proto.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from headroom.sandbox.engines.protobuf import content, contents, number, read, text, written

STREAMING_RECOGNIZE = "/nvidia.riva.asr.RivaSpeechRecognition/StreamingRecognize"
LINEAR_PCM = 1
BYTES_PER_SAMPLE = 2


@dataclass(frozen=True)
class Config:
    """Of a stream; `model` empty: whichever fits the language."""

    sample_rate: int = 16000
    language: str = "en-US"
    model: str = ""
    interim_results: bool = True

    @property
    def bytes_per_second(self) -> int:
        return self.sample_rate * BYTES_PER_SAMPLE

    @staticmethod
    def read(message: bytes) -> Config | None:
        """The configuration that the first message of a stream carries, None where it does not. Raises `protobuf.Malformed`."""
        fields = read(message)
        if 1 not in fields:
            return None
        streaming = read(content(fields, 1))
        own = read(content(streaming, 1))
        return Config(number(own, 2), text(own, 3), text(own, 13), bool(number(streaming, 2)))

    def written(self) -> bytes:
        own = written((1, LINEAR_PCM), (2, self.sample_rate), (3, self.language), (13, self.model))
        return written((1, written((1, own), (2, self.interim_results))))


def audio(chunk: bytes) -> bytes:
    """A further message of a stream."""
    return written((2, chunk))


def read_audio(message: bytes) -> bytes:
    """Raises `protobuf.Malformed`."""
    return content(read(message), 2)


@dataclass(frozen=True)
class Result:
    """`processed`: seconds of audio so far."""

    transcript: str
    final: bool
    processed: float

    def written(self) -> bytes:
        return written((1, written((1, written((1, self.transcript))), (2, self.final), (6, self.processed))))

    @staticmethod
    def read(message: bytes) -> tuple[Result, ...]:
        """Raises `protobuf.Malformed`."""
        return tuple(_result(one) for one in contents(read(message), 1))


def _result(message: bytes) -> Result:
    fields = read(message)
    alternatives = contents(fields, 1)
    said = text(read(alternatives[0]), 1) if alternatives else ""
    return Result(said, bool(number(fields, 2)), _float(content(fields, 6)))


def _float(raw: bytes) -> float:
    return struct.unpack("<f", raw)[0] if raw else 0.0
