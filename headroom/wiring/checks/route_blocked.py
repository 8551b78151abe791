"""NetworkPolicies let nobody in at the port that a route leads to.

Once one policy selects a pod, nothing comes in but what some policy allows, and a policy's port is the pod's own, not the Service's.

## Why it matters

The route, the Service and the pods are right, and clients get 504: the ingress's connections to the pods run into their timeout. Where no
network plugin enforces policies nothing happens, so a test cluster does not show it.

## How to mend it

Allow the pods' port from the namespace of the ingress:
`from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: traefik}}}]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.barriers import Barrier, Door, Pod, isolating, lets_in
from headroom.wiring.facts import Facts, Port, Workload
from headroom.wiring.finding import Verdict, error
from headroom.wiring.ingress import Backend
from headroom.wiring.routes import port_of, service_of
from headroom.wiring.scrape import container_port, selects_pods

_ANYBODY = Pod(None, None, None)


def check(facts: Facts) -> Iterator[Verdict]:
    for route in facts.routes if facts.barriers else ():
        for workload, door in dict.fromkeys(found for backend in route.backends for found in _led_to(facts, backend)):
            barrier = _closed(facts, workload, door)
            if barrier is not None:
                yield error(
                    barrier.place,
                    f"{barrier.ref} lets nobody in at port {door.number} of {workload.ref}, where {route.ref} leads",
                    "allow that port from the namespace of the ingress",
                )


def _led_to(facts: Facts, backend: Backend) -> Iterator[tuple[Workload, Door]]:
    service = service_of(facts, backend)
    port = port_of(service, backend) if service else None
    for workload in facts.workloads if service and port else ():
        if service and port and selects_pods(service, workload) is True:
            found = container_port(workload.containers, port.target)
            if isinstance(found, Port) and isinstance(found.number, int):
                yield workload, Door(found.number, found.name if isinstance(found.name, str) else None)


def _closed(facts: Facts, workload: Workload, door: Door) -> Barrier | None:
    """The first policy that closes a port to everybody, where none opens it."""
    pod = Pod(workload.ref.namespace, None, workload.pod_labels)
    if lets_in(facts.barriers, pod, _ANYBODY, door) is not False:
        return None
    return next((barrier for barrier, _ in isolating(facts.barriers, pod)), None)
