"""Services."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Service, ServicePort
from headroom.wiring.values import Unknown, default

KINDS = {("", "Service")}


def read(document: Document) -> Iterator[Service]:
    root = Cursor.of(document)
    selector = root["spec"]["selector"]
    yield Service(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        labels=root["metadata"]["labels"].labels(),
        selector=selector.labels() if selector.exists else None,
        ports=tuple(_port(cursor) for cursor in root["spec"]["ports"].items()),
        kind=default(root["spec"]["type"].text(), "ClusterIP"),
    )


def _port(cursor: Cursor) -> ServicePort:
    number = default(cursor["port"].count(), Unknown("the port has no number"))
    target = default(cursor["targetPort"].text_or_number(), number)
    return ServicePort(cursor["name"].text(), number, target, cursor.place, cursor["appProtocol"].text())
