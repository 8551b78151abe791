"""A route leads to a Service, or to a port of one, that is not there.

A port is named by the Service's own name or number of it, never by the container's. Judged are IngressRoutes of Traefik, Ingresses, and
routes of the Gateway API.

## Why it matters

The route is left out, with an error in a log (Traefik) or in its status (Gateway API): clients get 404, 500 or 503 although every pod is
ready.

## How to mend it

Name a Service of the route's namespace and one of its ports.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.ingress import Backend, Route
from headroom.wiring.likeness import slip_of
from headroom.wiring.routes import port_of, service_of
from headroom.wiring.scrape import same_namespace
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for route in facts.routes:
        for backend in route.backends:
            yield from _judge(facts, route, backend)


def _judge(facts: Facts, route: Route, backend: Backend) -> Iterator[Verdict]:
    hole = next((part for part in (backend.name, backend.port) if isinstance(part, Unknown)), None)
    if hole is not None:
        yield cannot_tell(backend.place, f"where {route.ref} leads: {hole.why}", "write the Service's name and port")
        return
    service = service_of(facts, backend)
    if service is None:
        yield _missing(facts, route, backend)
    elif port_of(service, backend) is None and not any(isinstance(port.name, Unknown) for port in service.ports):
        ports = ", ".join(f"{port.name or port.number}" for port in service.ports)
        yield error(
            backend.place, f"{route.ref} leads to the port {backend.port} of {service.ref}, which has {ports}", "name one of its ports"
        )


def _missing(facts: Facts, route: Route, backend: Backend) -> Verdict:
    here = [found.ref.name for found in facts.services if same_namespace(found.ref.namespace, backend.namespace)]
    meant = slip_of(str(backend.name), here)
    if facts.closed or meant:
        return error(
            backend.place,
            f"{route.ref} leads to the Service {backend.name}, which does not exist" + (f"; there is {meant}" if meant else ""),
            f"lead to {meant}" if meant else "lead to a Service that exists",
        )
    return cannot_tell(
        backend.place,
        f"whether the Service {backend.name} exists: it is not among the files",
        "verify its manifest together with this route",
    )
