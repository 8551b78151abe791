"""Routes of Traefik, under its present API group and the one that Traefik 3 no longer knows."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.ingress import Backend, Route
from headroom.wiring.values import Unknown, default

KINDS = {("traefik.io", "IngressRoute"), ("traefik.containo.us", "IngressRoute")}


def read(document: Document) -> Iterator[Route]:
    root = Cursor.of(document)
    spec = root["spec"]
    yield Route(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        entrypoints=spec["entryPoints"].texts(),
        backends=tuple(
            _backend(service, document.ref.namespace)
            for rule in spec["routes"].items()
            for service in rule["services"].items()
            if service["kind"].text() in (None, "Service")
        ),
    )


def _backend(cursor: Cursor, namespace: str) -> Backend:
    named = cursor["namespace"].text()
    return Backend(
        name=default(cursor["name"].text(), Unknown("the Service has no name")),
        namespace=named if isinstance(named, str) else namespace,
        port=cursor["port"].text_or_number(),
        scheme=cursor["scheme"].text(),
        place=cursor.place,
    )
