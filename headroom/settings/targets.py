"""Targets of signals: text with a unit in a stack file, a number in the signal's unit everywhere else."""

from __future__ import annotations

from math import isfinite, nan

from headroom.catalog.signals import Signal, Unit
from headroom.settings.base import seconds

FORMS = {
    Unit.SECONDS: "a duration in ms or s, such as 500ms or 2s",
    Unit.REQUESTS: "a number of requests such as 2",
    Unit.RATIO: "a share such as 60% or 0.6",
}

SHORTEST = 0.001
"""Of times: below it, a mistyped unit is more likely than a wait."""


def target_value(signal: Signal, text: str) -> float:
    """The target in the signal's unit: `500ms` of queue-time is 0.5, `60%` of kv-cache-usage is 0.6.

    Raises `ValueError` that tells the allowed form and range.
    """
    try:
        value = _number(signal.unit, text)
    except ValueError:
        value = nan
    if not isfinite(value):
        raise ValueError(f"must be {FORMS[signal.unit]}")
    if value <= 0:
        raise ValueError(f"must be more than 0; {FORMS[signal.unit]}")
    if signal.unit is Unit.SECONDS and value < SHORTEST:
        raise ValueError("must be at least 1ms")
    if signal.upper is not None and value > signal.upper:
        raise ValueError(f"can never be reached: {signal.name} is at most {signal.upper:g}")
    return value


def _number(unit: Unit, text: str) -> float:
    if unit is Unit.SECONDS:
        return _seconds(text)
    if unit is Unit.RATIO and text.endswith("%"):
        return float(text[:-1]) / 100
    return float(text)


def _seconds(text: str) -> float:
    """No minutes: the `500m` that a HPA's own target says is half a second. No number without a unit: 200 of them might be ms."""
    if not text.endswith("s"):
        raise ValueError
    return float(seconds(text))
