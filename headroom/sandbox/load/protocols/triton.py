"""Triton: KServe v2 over HTTP.

Source: triton-inference-server/server docs/protocol, kserve/open-inference-protocol.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from headroom.sandbox.load.protocols.form import Protocol
from headroom.sandbox.load.protocols.http import Request


def infer(model: str, _: Mapping[str, float]) -> Request:
    """Inference of a model with one FP32 input `INPUT` of one element, as `stacks/models/sleeper` has it."""
    body = {"inputs": [{"name": "INPUT", "datatype": "FP32", "shape": [1], "data": [1.0]}]}
    return Request("http", f"/v2/models/{model}/infer", json.dumps(body).encode())


TRITON = Protocol(infer)
