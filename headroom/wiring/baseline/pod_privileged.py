"""A pod reaches beyond its own containers.

A privileged container, the node's network, ports, processes, disk or settings, capabilities beyond the ordinary, or no confinement by
seccomp, AppArmor or SELinux: what the Pod Security level `baseline` forbids.

## Why it matters

Whoever gets into the model server, through its model or its request, is on the node, with every GPU and every pod of it.

## How to mend it

Take it out. GPUs come by the device plugin, shared memory by an `emptyDir` of medium Memory, models by a volume claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.security import ORDINARY


def check(facts: Facts) -> Iterator[Verdict]:
    for pods in facts.pods:
        for what, place in pods.shares:
            yield error(place, f"the pods of {pods.ref} share with their node what is not a pod's: {what}", "take it out")
        for container in pods.containers:
            if container.privileged is True:
                yield error(container.place, f"{container.name} in {pods.ref} is privileged: it is root on its node", "take it out")
            beyond = [text for text in container.added if isinstance(text, str) and text.removeprefix("CAP_") not in ORDINARY]
            if beyond:
                yield error(container.place, f"{container.name} in {pods.ref} has the capabilities {', '.join(beyond)}", "do without them")
