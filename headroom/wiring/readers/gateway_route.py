"""Routes of the Gateway API.

Source: gateway-api.sigs.k8s.io, reference/spec (HTTPRoute, GRPCRoute, TCPRoute, TLSRoute: `rules[].backendRefs[]`).
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.ingress import Backend, Route
from headroom.wiring.values import Unknown, default

KINDS = {("gateway.networking.k8s.io", kind) for kind in ("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute")}


def read(document: Document) -> Iterator[Route]:
    root = Cursor.of(document)
    yield Route(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        entrypoints=(),
        backends=tuple(
            _backend(cursor, document.ref.namespace)
            for rule in root["spec"]["rules"].items()
            for cursor in rule["backendRefs"].items()
            if cursor["kind"].text() in (None, "Service") and cursor["group"].text() in (None, "")
        ),
    )


def _backend(cursor: Cursor, namespace: str) -> Backend:
    named = cursor["namespace"].text()
    return Backend(
        name=default(cursor["name"].text(), Unknown("the Service has no name")),
        namespace=named if isinstance(named, str) else namespace,
        port=cursor["port"].count(),
        scheme=None,
        place=cursor.place,
    )
