"""HorizontalPodAutoscalers of every version: v2 and v2beta2 name a target, v2beta1 spreads it over fields, v1 knows CPU only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from headroom.wiring.document import Cursor, Document, Place
from headroom.wiring.facts import Autoscaler, AutoscalerMetric, Target
from headroom.wiring.readers.parts.behavior import behaviors
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.values import Unknown, default

KINDS = {("autoscaling", "HorizontalPodAutoscaler")}

_FIELDS = {
    "pods": "Pods",
    "object": "Object",
    "external": "External",
    "resource": "Resource",
    "containerResource": "ContainerResource",
}
_V2BETA1_VALUES = {
    "targetValue": "value",
    "targetAverageValue": "averageValue",
    "targetAverageUtilization": "averageUtilization",
}
_OF_V2BETA1 = (*_V2BETA1_VALUES, "metricName", "metricSelector")
_NOT_IN_SPEC = {
    "v1": ("metrics", "behavior"),
    "v2beta1": ("targetCPUUtilizationPercentage", "behavior"),
    "v2beta2": ("targetCPUUtilizationPercentage",),
    "v2": ("targetCPUUtilizationPercentage",),
}
_NOT_IN_METRIC = {"v2beta2": _OF_V2BETA1, "v2": _OF_V2BETA1}
_TYPE_OF = {"value": "Value", "averageValue": "AverageValue", "averageUtilization": "Utilization"}


def read(document: Document) -> Iterator[Autoscaler]:
    root = Cursor.of(document)
    spec = root["spec"]
    if any(owner["kind"].text() == "ScaledObject" for owner in root["metadata"]["ownerReferences"].items()):
        return  # KEDA's own, made of a ScaledObject
    metrics = (*_metrics_of_v1(spec), *(_metric(cursor) for cursor in spec["metrics"].items()))
    yield Autoscaler(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        target=_target(spec["scaleTargetRef"]),
        minimum=default(spec["minReplicas"].count(), 1),
        maximum=default(spec["maxReplicas"].count(), Unknown("the autoscaler has no maxReplicas")),
        bounds_place=spec["maxReplicas"].place,
        metrics=metrics or (_metric_by_default(spec),),
        annotations=root["metadata"]["annotations"].labels(),
        behaviors=tuple(behaviors(spec["behavior"])),
        foreign_fields=tuple(_foreign_fields(spec, document.ref.api_version.partition("/")[2])),
    )


def _foreign_fields(spec: Cursor, version: str) -> Iterator[tuple[str, Place]]:
    """https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/ and kubernetes/kubernetes pkg/apis/autoscaling/*/types.go"""
    written = dict(spec.pairs())
    for field in _NOT_IN_SPEC.get(version, ()):
        if field in written:
            yield f"spec.{field}", spec[field].place
    for metric in spec["metrics"].items():
        written = dict(_source(metric, default(metric["type"].text(), "")).pairs())
        for field in _NOT_IN_METRIC.get(version, ()):
            if field in written:
                yield field, metric.place


def _target(cursor: Cursor) -> Target:
    return Target(
        api_version=cursor["apiVersion"].text(),
        kind=default(cursor["kind"].text(), Unknown("the target has no kind")),
        name=default(cursor["name"].text(), Unknown("the target has no name")),
        place=cursor.place,
    )


def _metrics_of_v1(spec: Cursor) -> Iterator[AutoscalerMetric]:
    cpu = spec["targetCPUUtilizationPercentage"]
    value = cpu.quantity()
    if value is not None:
        yield AutoscalerMetric("Resource", "cpu", None, "Utilization", {"averageUtilization": value}, None, None, cpu.place)


def _metric_by_default(spec: Cursor) -> AutoscalerMetric:
    """kubernetes/kubernetes pkg/apis/autoscaling/v2/defaults.go"""
    return AutoscalerMetric("Resource", "cpu", None, "Utilization", {"averageUtilization": Decimal(80)}, None, None, spec.place)


def _metric(cursor: Cursor) -> AutoscalerMetric:
    kind = default(cursor["type"].text(), "")
    source = _source(cursor, kind)
    described = source["describedObject"] if source["describedObject"].exists else source["target"]
    values = _values(source)
    return AutoscalerMetric(
        kind=kind,
        name=_first(source["metric"]["name"].text(), source["metricName"].text(), source["name"].text()),
        selector=label_selector(_existing(source["metric"]["selector"], source["metricSelector"])),
        target_type=_first(source["target"]["type"].text(), *(_TYPE_OF[name] for name in values)),
        target_values=values,
        described=_described(described) if kind == "Object" else None,
        container=source["container"].text(),
        place=cursor.place,
    )


def _source(cursor: Cursor, kind: str | Unknown) -> Cursor:
    field = next((field for field, of in _FIELDS.items() if of == kind), "")
    return cursor[field]


def _values(source: Cursor) -> Mapping[str, Decimal | Unknown]:
    target = source["target"]
    fields = [(name, target[name]) for name in _TYPE_OF]
    fields += [(name, source[old]) for old, name in _V2BETA1_VALUES.items()]
    return {name: value for name, cursor in fields if (value := cursor.quantity()) is not None}


def _described(cursor: Cursor) -> tuple[str | Unknown, str | Unknown]:
    return (
        default(cursor["kind"].text(), Unknown("the object has no kind")),
        default(cursor["name"].text(), Unknown("the object has no name")),
    )


def _first(*values: str | Unknown | None) -> str | Unknown | None:
    return next((value for value in values if value is not None), None)


def _existing(first: Cursor, second: Cursor) -> Cursor:
    return first if first.exists else second
