"""KEDA ScaledObjects: what they scale, between which bounds, by which triggers, and what they do when those fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headroom.wiring.document import Cursor, Document, known
from headroom.wiring.facts import Autoscaler, Fallback, Target, Text, Trigger
from headroom.wiring.keda import RESOURCES
from headroom.wiring.readers.parts.behavior import behaviors
from headroom.wiring.values import Unknown, default

KINDS = {("keda.sh", "ScaledObject")}


def read(document: Document) -> Iterator[Autoscaler]:
    root = Cursor.of(document)
    spec = root["spec"]
    target = spec["scaleTargetRef"]
    yield Autoscaler(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        target=Target(
            api_version=default(target["apiVersion"].text(), "apps/v1"),
            kind=default(target["kind"].text(), "Deployment"),
            name=default(target["name"].text(), Unknown("the target has no name")),
            place=target.place,
        ),
        minimum=default(spec["minReplicaCount"].count(), 0),
        maximum=default(spec["maxReplicaCount"].count(), 100),
        bounds_place=spec["maxReplicaCount"].place,
        metrics=(),
        annotations=root["metadata"]["annotations"].labels(),
        triggers=tuple(_trigger(cursor) for cursor in spec["triggers"].items()),
        fallback=_fallback(spec["fallback"]) if spec["fallback"].exists else None,
        idle=spec["idleReplicaCount"].count(),
        cool_down=(default(spec["cooldownPeriod"].count(), 300), spec["cooldownPeriod"].place),
        behaviors=tuple(behaviors(spec.at("advanced", "horizontalPodAutoscalerConfig", "behavior"))),
        composed=spec.at("advanced", "scalingModifiers", "formula").raw() not in (None, ""),
    )


def _trigger(cursor: Cursor) -> Trigger:
    kind = default(cursor["type"].text(), Unknown("the trigger has no type"))
    return Trigger(
        kind=kind,
        metric_type=default(cursor["metricType"].text(), None if kind in RESOURCES else "AverageValue"),
        metadata=_texts(cursor["metadata"]),
        place=cursor.place,
        not_text=tuple(key for key, entry in cursor["metadata"].pairs() if isinstance(entry.value, bool | int | float)),
    )


_ASKED = ("query", "serverAddress", "threshold", "ignoreNullValues", "value")
"""What checks ask of a trigger's metadata."""


def _texts(cursor: Cursor) -> Mapping[str, Text]:
    hole = known(cursor.value)
    if isinstance(hole, Unknown):
        return dict.fromkeys(_ASKED, hole)
    # Text as it stands: a query may hold what elsewhere would be a hole.
    return {key: value for key, entry in cursor.pairs() if (value := entry.raw()) is not None}


def _fallback(cursor: Cursor) -> Fallback:
    return Fallback(
        behavior=default(cursor["behavior"].text(), "static"),
        replicas=default(cursor["replicas"].count(), Unknown("the fallback has no replicas")),
        place=cursor.place,
    )
