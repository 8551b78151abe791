"""A container requests no CPU or no memory.

## Why it matters

The scheduler packs such pods onto a node until it has nothing left, and the kubelet ends them first when memory runs out: a model server
that has just loaded for ten minutes. A quota on the namespace refuses them altogether.

## How to mend it

Set `resources.requests.cpu` and `resources.requests.memory`; for memory, a limit of the same size.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, warning
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for pods in facts.pods:
        for container in pods.containers:
            if container.starts_first or isinstance(container.requested, Unknown):
                continue
            missing = [resource for resource in ("cpu", "memory") if resource not in container.requested]
            if missing:
                yield warning(
                    container.place,
                    f"{container.name} in {pods.ref} requests no {' and no '.join(missing)}",
                    f"set {', '.join(f'resources.requests.{resource}' for resource in missing)}",
                )
