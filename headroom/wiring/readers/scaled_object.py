"""KEDA ScaledObjects: what they scale and between which bounds."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Autoscaler, Target
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
    )
