"""A metric's target has a type or a field that does not go with the metric.

Pods metrics can only be averaged (`AverageValue`). Object and External metrics take `Value` or `AverageValue`. Resource metrics take
`Utilization` or `AverageValue`. Each type has its own field: `value`, `averageValue`, `averageUtilization`.

## Why it matters

The API server refuses most of these. What it lets through compares the metric with a number that is not there, and the HPA reports
`FailedGetPodsMetric` or does not scale.

## How to mend it

Write the type and the field that belong together.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import AutoscalerMetric, Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.values import Unknown

_TYPES = {
    "Pods": ("AverageValue",),
    "Object": ("Value", "AverageValue"),
    "External": ("Value", "AverageValue"),
    "Resource": ("Utilization", "AverageValue"),
    "ContainerResource": ("Utilization", "AverageValue"),
}
_FIELD = {"Value": "value", "AverageValue": "averageValue", "Utilization": "averageUtilization"}


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        for metric in autoscaler.metrics:
            yield from _judge(metric)


def _judge(metric: AutoscalerMetric) -> Iterator[Verdict]:
    if isinstance(metric.kind, Unknown):
        yield cannot_tell(metric.place, f"what the metric is: {metric.kind.why}", f"write one of {', '.join(_TYPES)}")
        return
    if metric.kind not in _TYPES:
        yield error(metric.place, f"there is no metric of type {metric.kind or '(none)'}", f"write one of {', '.join(_TYPES)}")
        return
    allowed, kind = _TYPES[metric.kind], metric.target_type
    if isinstance(kind, Unknown):
        yield cannot_tell(metric.place, f"the type of the target: {kind.why}", f"write one of {', '.join(allowed)}")
    elif kind is None or kind not in allowed:
        yield error(metric.place, f"a {metric.kind} metric has no target of type {kind or '(none)'}", f"use {' or '.join(allowed)}")
    elif _FIELD[kind] not in metric.target_values:
        given = ", ".join(metric.target_values) or "no value"
        yield error(metric.place, f"the target has the type {kind} and gives {given}", f"give {_FIELD[kind]}, or change the type")
    else:
        yield from _judge_value(metric, _FIELD[kind])


def _judge_value(metric: AutoscalerMetric, field: str) -> Iterator[Verdict]:
    value = metric.target_values[field]
    if isinstance(value, Unknown):
        yield cannot_tell(metric.place, f"the value of the target: {value.why}", f"write {field} as a quantity")
    elif value <= 0:
        yield error(metric.place, f"the target is {value}: no metric can be held there", "choose a target above 0")
