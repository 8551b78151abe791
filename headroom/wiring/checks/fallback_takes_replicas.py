"""A fallback takes replicas away.

With the behaviour `static`, KEDA's default, a ScaledObject goes to `fallback.replicas` whenever a trigger fails, also from above; with
`currentReplicasIfLower` only from above.

## Why it matters

Prometheus is restarted under load: ten replicas become two, at the worst moment, for no reason of demand.

## How to mend it

`behavior: currentReplicasIfHigher` raises to `fallback.replicas` and never lowers. Without any fallback the HorizontalPodAutoscaler gets
the error and holds its count.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Autoscaler, Facts, Fallback
from headroom.wiring.finding import Verdict, cannot_tell, warning
from headroom.wiring.values import Unknown

_FIX = "set behavior: currentReplicasIfHigher, or leave the fallback out"
_TAKES = ("static", "currentReplicasIfLower")


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        if autoscaler.fallback is not None:
            yield from _judge(autoscaler, autoscaler.fallback)


def _judge(autoscaler: Autoscaler, fallback: Fallback) -> Iterator[Verdict]:
    if isinstance(fallback.behavior, Unknown):
        yield cannot_tell(fallback.place, f"whether the fallback takes replicas away: {fallback.behavior.why}", _FIX)
    elif fallback.behavior in _TAKES and _below(fallback.replicas, autoscaler.maximum):
        yield warning(
            fallback.place,
            f"behavior {fallback.behavior} goes down to {fallback.replicas} replicas whenever a trigger fails, whatever runs then",
            _FIX,
        )


def _below(replicas: int | Unknown, maximum: int | Unknown) -> bool:
    return isinstance(replicas, Unknown) or isinstance(maximum, Unknown) or replicas < maximum
