"""KEDA or the API server rejects a trigger.

A trigger's metadata is text alone: the API server refuses `threshold: 2` and `ignoreNullValues: false` without quotes. A trigger of the
kind `prometheus` needs a query and a threshold that is a number from 0.001 up, and its `metricType` is `AverageValue` or `Value`. One of
the kind `cpu` or `memory` needs a `value` and the `metricType` `Utilization` or `AverageValue`; `metadata.type`, which said it once, was
removed in KEDA 2.18. A fallback needs a trigger of another kind than these two.

## Why it matters

The ScaledObject is not created, or is never Ready: there is no HorizontalPodAutoscaler, and the replicas stay where they are.

## How to mend it

Put every value of `metadata` in quotes, and write the query and the threshold.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Autoscaler, Facts, Trigger
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.keda import KNOWN_TRIGGERS, RESOURCES
from headroom.wiring.likeness import slip_of
from headroom.wiring.values import Unknown

_LEAST = 0.001
"""kedacore/keda pkg/scalers/scaler.go, GetMetricTargetMili: what is less is 0."""


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        if not autoscaler.is_hpa and not autoscaler.triggers:
            yield error(autoscaler.place, f"{autoscaler.ref} has no triggers: the API server refuses it", "add a trigger")
        for trigger in autoscaler.triggers:
            yield from _judge(trigger, composed=autoscaler.composed)
        yield from _of_fallback(autoscaler)


def _judge(trigger: Trigger, *, composed: bool) -> Iterator[Verdict]:
    for key in trigger.not_text:
        yield error(trigger.place, f"{key} is a number or a flag, and the API server takes only text here", "put the value in quotes")
    meant = slip_of(trigger.kind, KNOWN_TRIGGERS) if isinstance(trigger.kind, str) and trigger.kind not in KNOWN_TRIGGERS else None
    if meant:
        yield error(trigger.place, f"KEDA knows no trigger of the type {trigger.kind}", f"write type: {meant}")
    if trigger.kind in RESOURCES:
        yield from _of_resource(trigger)
    if trigger.kind != "prometheus":
        return
    if "query" not in trigger.metadata:
        yield error(trigger.place, "the trigger has no query, so KEDA refuses it", "write the query")
    if "threshold" not in trigger.not_text:
        yield from _of_threshold(trigger, composed=composed)
    if trigger.metric_type == "Utilization":
        yield error(trigger.place, "metricType Utilization is for cpu and memory alone", "set metricType: AverageValue or Value")


def _of_resource(trigger: Trigger) -> Iterator[Verdict]:
    fix = "set metricType: Utilization or AverageValue on the trigger, beside its type"
    if trigger.metric_type is None:
        said = "says it as metadata.type, which KEDA 2.18 removed" if "type" in trigger.metadata else "does not say it"
        yield error(trigger.place, f"a {trigger.kind} trigger needs a metricType, and this one {said}: KEDA refuses it", fix)
    elif trigger.metric_type == "Value":
        yield error(trigger.place, f"metricType Value is not for {trigger.kind}: KEDA refuses the trigger", fix)
    if "value" not in trigger.metadata and "value" not in trigger.not_text:
        yield error(trigger.place, f"the {trigger.kind} trigger has no value, so KEDA refuses it", 'write it in quotes: value: "70"')


def _of_fallback(autoscaler: Autoscaler) -> Iterator[Verdict]:
    kinds = [trigger.kind for trigger in autoscaler.triggers]
    if autoscaler.fallback and kinds and not autoscaler.composed and all(kind in RESOURCES for kind in kinds):
        yield error(
            autoscaler.fallback.place,
            "a fallback is for triggers that ask something outside of the cluster's own metrics; KEDA refuses it with cpu and memory alone",
            "leave the fallback out",
        )


def _of_threshold(trigger: Trigger, *, composed: bool) -> Iterator[Verdict]:
    threshold = trigger.metadata.get("threshold", "")
    if isinstance(threshold, Unknown):
        yield cannot_tell(trigger.place, f"whether the threshold is a number: {threshold.why}", "write the threshold out")
        return
    number = _number(threshold)
    if number is None:
        said = f"is {threshold}, which is no number" if threshold else "is missing"
        yield error(trigger.place, f"the threshold {said}, so KEDA refuses the trigger", 'write a number in quotes: threshold: "5"')
    elif not composed and not number >= _LEAST:
        yield error(
            trigger.place,
            f"the threshold is {threshold}: KEDA makes a target of it in thousandths, and the API server refuses one that is not above 0",
            f'choose a threshold of at least {_LEAST:g}: threshold: "5"',
        )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
