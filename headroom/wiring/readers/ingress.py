"""Ingresses, of the present API and of those before Kubernetes 1.22."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.ingress import Backend, Route
from headroom.wiring.values import Unknown, default

KINDS = {("networking.k8s.io", "Ingress"), ("extensions", "Ingress")}
_ACTION = "use-annotation"
"""The port of what is no Service but an action of the AWS Load Balancer Controller, written in an annotation
(kubernetes-sigs/aws-load-balancer-controller docs/guide/ingress/annotations.md).
"""


def read(document: Document) -> Iterator[Route]:
    root = Cursor.of(document)
    spec = root["spec"]
    written = [spec["defaultBackend"], spec["backend"]]
    written += [path["backend"] for rule in spec["rules"].items() for path in rule["http"]["paths"].items()]
    backends = [_backend(cursor, document.ref.namespace) for cursor in written if cursor.exists and not cursor["resource"].exists]
    services = tuple(backend for backend in backends if backend.port != _ACTION)
    yield Route(document.ref, root["metadata"]["name"].place, (), services)


def _backend(cursor: Cursor, namespace: str) -> Backend:
    service = cursor["service"]
    ports = (service["port"]["number"].count(), service["port"]["name"].text(), cursor["servicePort"].text_or_number())
    name = service["name"].text() if service.exists else cursor["serviceName"].text()
    return Backend(
        name=default(name, Unknown("the backend names no Service")),
        namespace=namespace,
        port=next((port for port in ports if port is not None), None),
        scheme=None,
        place=cursor.place,
    )
