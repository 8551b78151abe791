"""A monitor scrapes a port that the pods or the Service do not have.

`port` is a name, never a number: in a PodMonitor the name of a container port, in a ServiceMonitor the name of a port of the Service.

## Why it matters

The operator generates a target list that keeps only ports of that name: it is empty. No error is shown anywhere, the series do not
exist, and the autoscaler is blind.

## How to mend it

Give the port the name that the monitor asks for, or ask for the name it has. A ServiceMonitor asks for the Service's name of the port,
which may differ from the container's.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Endpoint, Facts, Monitor
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.scrape import scrapes_by, selected_services
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for monitor in facts.monitors:
        for endpoint in monitor.endpoints:
            yield from _of_pods(facts, monitor, endpoint) if monitor.of_pods else _of_services(facts, monitor, endpoint)


def _of_pods(facts: Facts, monitor: Monitor, endpoint: Endpoint) -> Iterator[Verdict]:
    scrapes = [found for found in scrapes_by(facts, monitor) if found.endpoint is endpoint and found.selects is True]
    if any(isinstance(scrape.port, Unknown) for scrape in scrapes):
        yield cannot_tell(
            endpoint.place, f"whether the pods have the port {_wanted(endpoint)}: a port cannot be read", "write the ports out"
        )
    elif scrapes and all(scrape.port is None for scrape in scrapes):
        workload = scrapes[0].workload
        names = [str(port.name or port.number) for container in workload.containers for port in container.ports]
        yield _missing(monitor, endpoint, f"the pods of {workload.ref}", names)


def _of_services(facts: Facts, monitor: Monitor, endpoint: Endpoint) -> Iterator[Verdict]:
    services = [service for service, verdict in selected_services(facts, monitor) if verdict is True]
    if not services or endpoint.port is None:
        return
    names = [port.name for service in services for port in service.ports]
    if isinstance(endpoint.port, Unknown) or any(isinstance(name, Unknown) for name in names):
        yield cannot_tell(endpoint.place, f"whether {services[0].ref} has the port {_wanted(endpoint)}", "write the ports out")
    elif endpoint.port not in names:
        yield _missing(monitor, endpoint, str(services[0].ref), [str(name or "(no name)") for name in names])


def _missing(monitor: Monitor, endpoint: Endpoint, owner: str, names: list[str]) -> Verdict:
    have = f"has the ports {', '.join(names)}" if names else "names no port"
    return error(
        endpoint.place,
        f"{monitor.ref} scrapes the port {_wanted(endpoint)}; {owner} {have}: nothing is scraped",
        f"ask for one of {', '.join(names)}, or name the port {_wanted(endpoint)}" if names else f"name a port {_wanted(endpoint)}",
    )


def _wanted(endpoint: Endpoint) -> str:
    wanted = endpoint.number if endpoint.port is None else endpoint.port
    return "(none)" if wanted is None else "?" if isinstance(wanted, Unknown) else str(wanted)
