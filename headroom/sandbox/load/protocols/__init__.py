"""How each engine is spoken to: one file per protocol, one table."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.protocols.form import Protocol
from headroom.sandbox.load.protocols.generate import GENERATE
from headroom.sandbox.load.protocols.kaldi import KALDI
from headroom.sandbox.load.protocols.openai import OPENAI
from headroom.sandbox.load.protocols.riva import RIVA
from headroom.sandbox.load.protocols.torchserve import TORCHSERVE
from headroom.sandbox.load.protocols.triton import TRITON

PROTOCOLS: Mapping[str, Protocol] = {
    "kaldi": KALDI,
    "nim": OPENAI,
    "riva": RIVA,
    "tensorrt-llm": GENERATE,
    "torchserve": TORCHSERVE,
    "triton": TRITON,
    "vllm": OPENAI,
}
"""By engine."""


def protocol(engine: str) -> Protocol:
    """Raises `SandboxError` for an engine whose protocol is not spoken here."""
    if engine not in PROTOCOLS:
        raise SandboxError(f"load does not speak the protocol of {engine}; it speaks those of: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[engine]
