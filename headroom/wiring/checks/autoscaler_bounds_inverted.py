"""The autoscaler's bounds leave it no room, or are not bounds at all.

The smallest number of replicas must not be above the largest. An HPA starts at 1: zero needs an Object or External metric and the
feature gate `HPAScaleToZero`. A ScaledObject's `idleReplicaCount` must be below its minimum, and below 1 where that is 0.

## Why it matters

The API server refuses the HPA; KEDA's webhook refuses the ScaledObject. Where the two are equal the autoscaler is accepted and can
never do anything.

## How to mend it

Choose `minReplicas` below `maxReplicas`. Where the count is to be fixed, remove the autoscaler and declare `spec.replicas`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Autoscaler, Facts
from headroom.wiring.finding import Verdict, cannot_tell, error, warning
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        yield from _judge(autoscaler)


def _judge(autoscaler: Autoscaler) -> Iterator[Verdict]:
    low, high, place = autoscaler.minimum, autoscaler.maximum, autoscaler.bounds_place
    hole = next((bound for bound in (low, high) if isinstance(bound, Unknown)), None)
    if hole is not None:
        yield cannot_tell(place, f"whether the bounds fit: {hole.why}", "write both bounds as numbers")
    elif isinstance(low, int) and isinstance(high, int):
        if low > high:
            yield error(place, f"at least {low} replicas and at most {high}: no count is both", f"raise the maximum to {low} or more")
        elif high < 1:
            yield error(place, f"at most {high} replicas", "allow at least one replica")
        elif low == 0 and autoscaler.is_hpa and not any(metric.kind in ("Object", "External") for metric in autoscaler.metrics):
            yield error(
                place,
                "an HPA goes to zero only on an Object or External metric: per-pod metrics end with the last pod",
                "set minReplicas to 1",
            )
        elif isinstance(autoscaler.idle, int) and autoscaler.idle >= max(low, 1):
            yield error(
                place,
                f"idleReplicaCount {autoscaler.idle} is not below minReplicaCount {low}: KEDA refuses the ScaledObject",
                f"set minReplicaCount to {autoscaler.idle + 1} or more, or leave idleReplicaCount out",
            )
        elif low == high and autoscaler.idle is None:
            yield warning(place, f"at least and at most {low} replicas: the autoscaler can never scale", "leave room between the bounds")
