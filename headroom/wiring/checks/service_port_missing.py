"""A Service sends to a port name that no container has.

A `targetPort` that is a name is looked up in the ports of the pods' containers.

## Why it matters

The name does not resolve, and the port has no endpoints: clients are refused, and a ServiceMonitor on this port scrapes nothing.

## How to mend it

Use the container's name of the port, or its number.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts, Service, ServicePort, Workload
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.scrape import backends, container_port
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for service in facts.services:
        workloads = [workload for workload, verdict in backends(facts, service) if verdict is True]
        for port in service.ports:
            yield from _judge(service, port, workloads)


def _judge(service: Service, port: ServicePort, workloads: list[Workload]) -> Iterator[Verdict]:
    found = [container_port(workload.containers, port.target) for workload in workloads]
    if any(isinstance(target, Unknown) for target in found):
        yield cannot_tell(port.place, f"whether {service.ref} has a port to send to: a port cannot be read", "write the ports out")
    elif workloads and all(target is None for target in found):
        names = [str(named.name) for container in workloads[0].containers for named in container.ports if named.name is not None]
        yield error(
            port.place,
            f"{service.ref} sends to the port {port.target}; the containers of {workloads[0].ref} name {', '.join(names) or 'none'}",
            "use a name that the container has, or the number",
        )
