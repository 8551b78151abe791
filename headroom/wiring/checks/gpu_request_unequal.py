"""A container's GPU request and limit differ, or the limit is missing.

Extended resources such as `nvidia.com/gpu` cannot be overcommitted: a limit must be given, and a request must equal it.

## Why it matters

The API server refuses the pod. The Deployment is accepted, so nothing fails until no pod appears.

## How to mend it

Give `resources.limits` alone, or the same number in both. It must be a whole number.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from headroom.wiring.facts import Container, Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for workload in facts.workloads:
        for container in workload.containers:
            yield from _judge(container)


def _judge(container: Container) -> Iterator[Verdict]:
    if isinstance(container.requests, Unknown) or isinstance(container.limits, Unknown):
        return
    for resource, requested in container.requests.items():
        limit = container.limits.get(resource)
        if "/" not in resource or not isinstance(requested, Decimal):
            continue
        if limit is None:
            yield error(
                container.place, f"{container.name} requests {requested} {resource} and has no limit for it", f"set limits.{resource}"
            )
        elif isinstance(limit, Decimal) and limit != requested:
            yield error(container.place, f"{container.name} requests {requested} {resource} and limits it to {limit}", "make the two equal")
        elif requested % 1:
            yield error(container.place, f"{container.name} requests {requested} {resource}: devices are whole", "ask for a whole number")
