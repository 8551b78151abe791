"""A workload declares its replicas although an autoscaler owns them.

`spec.replicas` in the manifest and the autoscaler's count are two truths about one field.

## Why it matters

Every deployment sets the count back: eight busy replicas become one in the middle of the day, and the autoscaler begins again. With
server-side apply the update fails with a conflict on `.spec.replicas` instead.

## How to mend it

Leave `spec.replicas` out of the manifest. On a workload that is already running, hand the field over first (`kubectl edit` of the last
applied configuration, or server-side apply by another manager), because removing it carelessly sets it to 1 once.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import autoscalers_of
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for workload in facts.workloads:
        owners = autoscalers_of(facts, workload)
        if owners and isinstance(workload.replicas, Unknown):
            yield cannot_tell(
                workload.replicas_place, f"whether {workload.ref} declares spec.replicas: {workload.replicas.why}", "leave it out"
            )
        elif owners and workload.replicas is not None:
            yield error(
                workload.replicas_place,
                f"{workload.ref.kind} {workload.ref.name} declares spec.replicas, which {owners[0].ref} owns: every apply resets it",
                "remove spec.replicas from the manifest",
            )
