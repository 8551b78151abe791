"""TorchServe: predictions over HTTP.

Source: pytorch/serve docs/inference_api.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from headroom.sandbox.load.protocols.form import Protocol
from headroom.sandbox.load.protocols.http import Request


def prediction(model: str, _: Mapping[str, float]) -> Request:
    """One of a model that takes two numbers, as `stacks/model-store/tiny` does."""
    return Request("http", f"/predictions/{model}", b"[1.0, 2.0]")


TORCHSERVE = Protocol(prediction)
