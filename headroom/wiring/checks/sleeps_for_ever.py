"""Nothing can wake a server from zero replicas.

A ScaledObject whose `minReplicaCount` or `idleReplicaCount` is 0, and every trigger of it reads what the server's own pods export, or their
CPU and memory.

## Why it matters

Without pods there are no such series. KEDA sees no activity for ever, and the first request after the server went to sleep is lost like
all that follow.

## How to mend it

Add a trigger on something that exists without replicas: requests counted at the ingress or gateway, a queue's length. Or set
`minReplicaCount: 1` and leave `idleReplicaCount` out.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import target_of
from headroom.wiring.facts import Autoscaler, Facts, Trigger, Workload
from headroom.wiring.finding import Verdict, error
from headroom.wiring.keda import RESOURCES
from headroom.wiring.selected import selected
from headroom.wiring.series import exporters_of, recordings, steps


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        target = target_of(facts, autoscaler)
        if 0 in (autoscaler.minimum, autoscaler.idle) and autoscaler.triggers and isinstance(target, Workload):
            yield from _judge(facts, autoscaler, target)


def _judge(facts: Facts, autoscaler: Autoscaler, target: Workload) -> Iterator[Verdict]:
    if all(_of_pods(facts, trigger, target) for trigger in autoscaler.triggers):
        yield error(
            autoscaler.bounds_place,
            f"{target.ref} goes to 0 replicas, and every trigger reads what its own pods emit: without pods nothing can wake it",
            "add a trigger on requests counted in front of it, or set minReplicaCount: 1 without an idleReplicaCount",
        )


def _of_pods(facts: Facts, trigger: Trigger, target: Workload) -> bool:
    """Whether a trigger certainly has no value without the target's pods."""
    if trigger.kind in RESOURCES:
        return True
    if not isinstance(trigger.query, str):
        return False
    try:
        tree = promql.parse(trigger.query)
    except promql.InvalidPromQL:
        return False
    ends = [step.wanted for step in steps(facts, tuple(selected(tree))) if step.wanted.name not in recordings(facts)]
    counted = [wanted for wanted in ends if wanted.name != "up"]
    return bool(counted) and all(target in exporters_of(facts, wanted) for wanted in counted)
