"""Google's client, asked in a process of its own.

One process cannot hold its messages and those of Pulumi's protocol: both have a google.rpc.Status.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Any


def accepted(message: str, request: dict[str, Any]) -> dict[str, Any]:
    """A request as the client's message of that name holds it. Raises what the client raises of a field that it does not know."""
    return _worker().submit(_accepted, message, request).result()


def _accepted(message: str, request: dict[str, Any]) -> dict[str, Any]:
    from google.cloud import container_v1

    kind = getattr(container_v1, message)
    return kind.to_dict(kind(request))


@cache
def _worker() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
