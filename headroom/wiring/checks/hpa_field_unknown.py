"""An HPA uses fields that its API version does not have.

`autoscaling/v1` knows CPU alone, by `targetCPUUtilizationPercentage`. Later versions know `metrics` instead: `autoscaling/v2` (and v2beta2)
writes a `metric` and a `target`, v2beta1 wrote `metricName` and `targetAverageValue` beside each other.

## Why it matters

The API server refuses the object, or drops what it does not know with a warning: the HPA then holds CPU at 80 % and ignores the metric that
it was written for.

## How to mend it

Write the object in the form of its version, best that of `autoscaling/v2`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        for field, place in autoscaler.foreign_fields:
            yield error(
                place,
                f"{autoscaler.ref.api_version} has no field {field}: what stands there is refused or dropped",
                "write it as autoscaling/v2 does: metrics, each with metric and target",
            )
