"""An autoscaler's `behavior` is refused, or forbids it to add replicas.

A policy changes at least one pod or percent within 1 to 1800 seconds; a stabilization window has at most 3600. `selectPolicy: Disabled`
switches a direction off.

## Why it matters

The API server refuses the HPA; KEDA cannot make it of the ScaledObject. With scaling up switched off the autoscaler is accepted, shows its
metrics, and never adds a replica.

## How to mend it

Choose values within the bounds. To scale up without haste use a policy with a longer `periodSeconds`, not `Disabled`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Behavior, Facts
from headroom.wiring.finding import Verdict, error

_LONGEST_WINDOW, _LONGEST_PERIOD = 3600, 1800
"""Seconds: kubernetes/kubernetes pkg/apis/autoscaling/validation/validation.go."""


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        for behavior in autoscaler.behaviors:
            yield from _judge(behavior)


def _judge(behavior: Behavior) -> Iterator[Verdict]:
    if behavior.up and behavior.disabled:
        yield error(behavior.place, "selectPolicy Disabled on scaleUp: the autoscaler never adds a replica", "use Max or Min")
    window = behavior.window
    if isinstance(window, int) and not 0 <= window <= _LONGEST_WINDOW:
        yield error(
            behavior.place, f"stabilizationWindowSeconds is {window}: the API server refuses it", f"choose 0 to {_LONGEST_WINDOW} seconds"
        )
    for value, period in behavior.policies:
        if isinstance(value, int) and value < 1:
            yield error(behavior.place, f"a policy changes {value} at a time: the API server refuses it", "let it change at least 1")
        if isinstance(period, int) and not 1 <= period <= _LONGEST_PERIOD:
            yield error(
                behavior.place, f"a policy's periodSeconds is {period}: the API server refuses it", f"choose 1 to {_LONGEST_PERIOD} seconds"
            )
