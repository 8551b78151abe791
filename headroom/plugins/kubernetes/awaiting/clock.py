"""Time as the waiting loops see it, so that their tests need none."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since any fixed moment."""
        ...

    def pause(self, cancelled: threading.Event, seconds: float) -> None:
        """Sleep; return early when `cancelled` is set."""
        ...


class SystemClock:
    def now(self) -> float:
        return time.monotonic()

    def pause(self, cancelled: threading.Event, seconds: float) -> None:
        cancelled.wait(seconds)


SYSTEM = SystemClock()

FIRST_PAUSE, PAUSE_GROWTH, LONGEST_PAUSE = 0.2, 1.5, 1.0


def pause_after_look(number: int) -> float:
    """Seconds between look `number` (from 0) and the next: quick objects are seen quickly, slow ones cost the server little."""
    return min(FIRST_PAUSE * PAUSE_GROWTH ** min(number, 10), LONGEST_PAUSE)
