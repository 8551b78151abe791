"""The shape of a load: how much, for how long, one step after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headroom.settings.base import seconds

MAX_LEVEL = 1000
MAX_SECONDS = 3600


@dataclass(frozen=True)
class Step:
    level: float
    """Requests in flight, or requests per second; 0 is silence."""
    seconds: float


def parse(text: str) -> tuple[Step, ...]:
    """`1:10s,10:40s,0:60s` as steps. Raises `ValueError` that names the step and what would be right."""
    steps = tuple(_step(part.strip()) for part in text.split(","))
    if duration(steps) > MAX_SECONDS:
        raise ValueError(f"the steps take {duration(steps):g} s together; a load ends within {MAX_SECONDS} s")
    return steps


def duration(steps: Sequence[Step]) -> float:
    return sum(step.seconds for step in steps)


def _step(text: str) -> Step:
    level, colon, length = text.partition(":")
    try:
        step = Step(float(level), float(seconds(length)))
    except ValueError:
        step = None
    if step is None or not colon:
        raise ValueError(f"{text!r} is not a step: write LEVEL:DURATION, such as 10:40s")
    if not 0 <= step.level <= MAX_LEVEL:
        raise ValueError(f"the level of {text!r} is not between 0 and {MAX_LEVEL}")
    return step
