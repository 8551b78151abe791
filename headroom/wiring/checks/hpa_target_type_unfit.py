"""A metric's target has a type or a field that does not go with the metric, or with what it measures.

Pods metrics can only be averaged (`AverageValue`). Object and External metrics take `Value` or `AverageValue`. Resource metrics take
`Utilization` or `AverageValue`. Each type has its own field: `value`, `averageValue`, `averageUtilization`.

`AverageValue` divides an Object's or an External metric by the number of replicas: right for what adds up, such as requests that wait.
`Value` compares it as it is: right for a ratio, a mean or a percentile. The mean over pods that a Pods metric takes is not the server's own
where each pod's number is a quotient: idle pods count as much as full ones.

## Why it matters

The API server refuses most of these. What it lets through compares the metric with a number that is not there, and the HPA reports
`FailedGetPodsMetric` or does not scale. A time that is divided by the replicas asks for less the more there are; a sum that is not divided
asks for more replicas the more there are, up to the maximum.

## How to mend it

Write the type and the field that belong together: `AverageValue` for sums, `Value` for everything else, and an Object metric for a
quotient.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.names import series
from headroom.catalog.signals import SIGNALS, AcrossPods
from headroom.wiring.addition import adds_up, is_told
from headroom.wiring.chain import Link, asked, links
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
_QUOTIENTS = {series(s.name, s.unit, "pod") for s in SIGNALS.values() if s.across_pods is AcrossPods.WEIGHTED}
_FIELD = {"Value": "value", "AverageValue": "averageValue", "Utilization": "averageUtilization"}


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        for metric in autoscaler.metrics:
            yield from _judge(metric)
    for autoscaler, metric, name in asked(facts):
        for link in (link for link in links(facts, autoscaler, metric) if not link.guessed):
            yield from _of_meaning(metric, name, _adds_up(facts, link))
            if metric.kind == "Pods" and link.series in _QUOTIENTS:
                yield error(
                    metric.place,
                    f"{name} is a quotient, and its mean over the pods is not the server's: idle pods hide the full ones",
                    "read the series of the whole server as an Object metric with a target of type Value",
                )


def _adds_up(facts: Facts, link: Link) -> bool | None:
    """An adapter's rule sums whatever it is given: that alone does not tell what adds up."""
    if link.tree is None or link.metric.kind == "Pods" or not all(is_told(facts, wanted) for wanted in link.asked):
        return None
    return adds_up(facts, link.tree)


def _of_meaning(metric: AutoscalerMetric, name: str, adds: bool | None) -> Iterator[Verdict]:
    if adds is True and metric.target_type == "Value":
        yield error(
            metric.place,
            f"{name} adds up over replicas and is compared undivided: more replicas ask for more replicas, up to the maximum",
            "give the target the type AverageValue",
        )
    if adds is False and metric.target_type == "AverageValue":
        yield error(
            metric.place,
            f"{name} is a ratio, a mean or a percentile and is divided by the replicas: the more there are, the less it asks for",
            "give the target the type Value",
        )


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
