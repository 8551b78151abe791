"""A management API is reachable from outside the cluster.

TorchServe's management port (8081, 7071 for gRPC) registers models, which are code, and asks nobody who they are. A Service of type
LoadBalancer or NodePort, or a route, that leads to it opens it to everybody.

## Why it matters

Whoever finds the address runs code on the GPU nodes.

## How to mend it

Take the port out of the Service, or use a Service of type ClusterIP with a NetworkPolicy. In the pod, bind the management address to
127.0.0.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.engines import Running
from headroom.wiring.facts import Facts, Port, Workload
from headroom.wiring.finding import Verdict, error
from headroom.wiring.routes import port_of, service_of
from headroom.wiring.scrape import container_port, selects_pods
from headroom.wiring.series import engines

_OPEN = ("LoadBalancer", "NodePort")
_FIX = "take the port out of it; who manages models does so within the cluster, past a NetworkPolicy"


def check(facts: Facts) -> Iterator[Verdict]:
    for workload, found in engines(facts):
        for service in facts.services:
            if selects_pods(service, workload) is True and service.kind in _OPEN:
                for port in service.ports:
                    if _manages(found, container_port(workload.containers, port.target)):
                        yield error(
                            port.place,
                            f"{service.ref} of type {service.kind} opens the management API of {workload.ref} to everybody",
                            _FIX,
                        )
        yield from _of_routes(facts, workload, found)


def _of_routes(facts: Facts, workload: Workload, found: Running) -> Iterator[Verdict]:
    for route in facts.routes:
        for backend in route.backends:
            service = service_of(facts, backend)
            port = port_of(service, backend) if service and selects_pods(service, workload) is True else None
            if port and _manages(found, container_port(workload.containers, port.target)):
                yield error(backend.place, f"{route.ref} leads to the management API of {workload.ref}", _FIX)


def _manages(found: Running, port: object) -> bool:
    return isinstance(port, Port) and any(known.guarded and known.number == port.number for known in found.engine.ports)
