"""What a route leads to, and where its requests come in."""

from __future__ import annotations

from headroom.wiring.facts import Facts, Service, ServicePort
from headroom.wiring.ingress import Backend, EntryPoint, Route
from headroom.wiring.scrape import same_namespace
from headroom.wiring.values import Unknown

H2C = "kubernetes.io/h2c"
"""https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol"""


def service_of(facts: Facts, backend: Backend) -> Service | None:
    """The Service among the manifests; None where it is not there or its name is not known. Of several of one name, one with the port."""
    named = [found for found in facts.services if found.ref.name == backend.name and same_namespace(found.ref.namespace, backend.namespace)]
    return next((found for found in named if port_of(found, backend)), named[0] if named else None)


def port_of(service: Service, backend: Backend) -> ServicePort | None:
    """The Service's port that the route names, by name or number; the only one where it names none."""
    if backend.port is None:
        return service.ports[0] if len(service.ports) == 1 else None
    return next((port for port in service.ports if _is(port, backend.port)), None)


def _is(port: ServicePort, asked: str | int | Unknown) -> bool:
    if isinstance(asked, Unknown) or any(isinstance(part, Unknown) for part in (port.name, port.number)):
        return False
    return asked in (port.name, port.number)


def speaks_grpc(facts: Facts, backend: Backend) -> bool:
    """Whether the Service says that its port does: by its `appProtocol`, or by its name."""
    service = service_of(facts, backend)
    port = port_of(service, backend) if service else None
    if port is None:
        return False
    named = isinstance(port.name, str) and "grpc" in port.name
    return (isinstance(port.app_protocol, str) and port.app_protocol == H2C) or (port.app_protocol is None and named)


def entrypoints_of(facts: Facts, route: Route) -> list[EntryPoint]:
    """The entrypoints that a route names, of every ingress that has them."""
    return [entry for ingress in facts.ingresses for entry in ingress.entrypoints if entry.name in route.entrypoints]
