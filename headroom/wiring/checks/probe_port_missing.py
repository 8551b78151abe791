"""A probe asks a port that the container does not name.

A probe's `port` is a number, or the name of a port of the same container.

## Why it matters

The kubelet cannot resolve the name: a readiness probe never succeeds, and a liveness or startup probe kills the container.

## How to mend it

Use the name that the container's `ports` give, or the number.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Container, Facts, Probe
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for workload in facts.workloads:
        for container in workload.containers:
            for probe in container.probes:
                yield from _judge(container, probe)


def _judge(container: Container, probe: Probe) -> Iterator[Verdict]:
    if not isinstance(probe.port, str):
        return
    names = [port.name for port in container.ports if port.name is not None]
    if probe.port in names:
        return
    if any(isinstance(name, Unknown) for name in names):
        yield cannot_tell(probe.place, f"whether the container has the port {probe.port}", "write the ports out")
        return
    have = f"it names {', '.join(map(str, names))}" if names else "it names none"
    yield error(
        probe.place, f"the {probe.kind} probe asks the port {probe.port} of {container.name}; {have}", "name the port, or use its number"
    )
