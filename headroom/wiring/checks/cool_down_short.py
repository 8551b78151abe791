"""A server is put to sleep as soon as its triggers cannot be read.

A ScaledObject that goes to 0 replicas by triggers that something must answer, with a `cooldownPeriod` of less than a minute.

## Why it matters

KEDA means to hold on an error, and mostly does. But an answer that is an error makes it close the scalers of a ScaledObject, also when it
asks on behalf of the HorizontalPodAutoscaler; a look of its own that meets them closed counts as "no trigger is active", without an error
(`getScalerState` in pkg/scaling/scale_handler.go of 2.20 and 2.21). Then only the cool-down keeps the replicas. With a short one a busy
server is gone moments after Prometheus is, and stays so until it is back: nothing wakes what nobody sees.

## How to mend it

Let `cooldownPeriod` be longer than Prometheus may be gone, from a restart to a move to another node; KEDA's default is 300.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Place
from headroom.wiring.facts import Count, Facts
from headroom.wiring.finding import Verdict, cannot_tell, warning
from headroom.wiring.keda import RESOURCES
from headroom.wiring.values import Unknown

_SHORTEST = 60
"""Seconds that a Prometheus takes to start again and to read what it had written, at the least."""
_FIX = "leave cooldownPeriod out, which is 300, or set it to longer than Prometheus may be gone"


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        asked = any(trigger.kind not in RESOURCES for trigger in autoscaler.triggers)
        if asked and autoscaler.cool_down and 0 in (autoscaler.minimum, autoscaler.idle):
            yield from _judge(*autoscaler.cool_down)


def _judge(seconds: Count, place: Place) -> Iterator[Verdict]:
    if isinstance(seconds, Unknown):
        yield cannot_tell(place, f"whether a trigger that cannot be read puts it to sleep: {seconds.why}", _FIX)
    elif seconds < _SHORTEST:
        yield warning(place, f"triggers that cannot be read for longer than {seconds} s may put it to sleep, busy as it is", _FIX)
