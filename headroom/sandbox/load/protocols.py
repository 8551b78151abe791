"""What one request is, per engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from headroom.sandbox.errors import SandboxError


@dataclass(frozen=True)
class Request:
    """One inference request, the same every time."""

    port: str
    """Name of the Service's port."""
    path: str
    body: bytes


def triton(model: str) -> Request:
    """KServe v2 inference of a model with one FP32 input `INPUT` of one element, as `stacks/models/sleeper` has it.

    Source: triton-inference-server/server docs/protocol, kserve/open-inference-protocol.
    """
    body = {"inputs": [{"name": "INPUT", "datatype": "FP32", "shape": [1], "data": [1.0]}]}
    return Request("http", f"/v2/models/{model}/infer", json.dumps(body).encode())


PROTOCOLS: Mapping[str, Callable[[str], Request]] = {"triton": triton}
"""By engine: the request for a model."""


def request(engine: str, model: str) -> Request:
    """Raises `SandboxError` for an engine whose protocol is not spoken here."""
    if engine not in PROTOCOLS:
        raise SandboxError(f"load does not speak the protocol of {engine}; it speaks those of: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[engine](model)
