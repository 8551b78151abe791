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

LEAST = {Unit.SECONDS: (0.001, "1ms"), Unit.REQUESTS: (0.001, "0.001"), Unit.RATIO: (0.001, "0.1%")}
"""Below it a mistyped unit is more likely than a target. The text is the number as a stack file has it."""

LEAST_OF_RESOURCE = (0.01, "1%")
"""Kubernetes takes them as whole percents."""

_PLAIN = 5
"""A larger share of a resource without its sign is taken for a number of percents, as Kubernetes has it."""

_TOLERANCE = 0.1
"""How far above its target a signal must be until the HPA acts, also that of KEDA: --horizontal-pod-autoscaler-tolerance."""


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
    least, spelled = LEAST_OF_RESOURCE if signal.resource else LEAST[signal.unit]
    if value < least:
        raise ValueError(f"must be at least {spelled}")
    if signal.resource and value > _PLAIN and not text.endswith("%"):
        raise ValueError(f"{text} is {100 * value:g} %; write {text}%")
    if signal.upper is not None and value * (1 + _TOLERANCE) >= signal.upper:
        raise ValueError(
            f"can never be exceeded: {signal.name} is at most {signal.upper:g}, and a replica is added {100 * _TOLERANCE:g} % above the "
            f"target; write {int(100 * signal.upper / (1 + _TOLERANCE))}% or less"
        )
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
