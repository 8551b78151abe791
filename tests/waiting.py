"""Waiting for what comes by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import httpx

SECONDS = 120
"""Generous, because several things share the machine; what is waited for takes seconds on an idle one."""

Answer = TypeVar("Answer")


def eventually(so: Callable[[], Answer], seconds: float = SECONDS) -> Answer | None:
    """The first answer that is true, or the last one there was. Who does not answer over HTTP in time has not answered yet."""
    deadline = time.monotonic() + seconds
    while True:
        answer = _asked(so)
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(0.5)


def _asked(so: Callable[[], Answer]) -> Answer | None:
    try:
        return so()
    except httpx.HTTPError:
        return None
