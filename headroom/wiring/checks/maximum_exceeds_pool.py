"""The autoscaler's maximum does not fit the GPUs.

The pods of `maxReplicas` replicas need more GPUs than the nodes that they may run on can have.

## Why it matters

The last replicas stay Pending for ever. The HPA counts them, so the load of those that run stays above the target and nothing says that
the limit is the nodes.

## How to mend it

Raise the pool's maximum or lower `maxReplicas`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from headroom.wiring.chain import target_of
from headroom.wiring.facts import Autoscaler, Facts, Workload
from headroom.wiring.finding import Verdict, cannot_tell, warning
from headroom.wiring.pools import devices, misfit, room
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        target = target_of(facts, autoscaler)
        if isinstance(target, Workload) and isinstance(autoscaler.maximum, int):
            yield from _judge(facts, autoscaler, target, autoscaler.maximum)


def _judge(facts: Facts, autoscaler: Autoscaler, target: Workload, maximum: int) -> Iterator[Verdict]:
    wanted = devices(target)
    if isinstance(wanted, Unknown):
        yield cannot_tell(autoscaler.bounds_place, f"whether {maximum} replicas fit the GPUs: {wanted.why}", "write the limits out")
    elif wanted and not facts.pools:
        yield cannot_tell(
            autoscaler.bounds_place,
            f"whether there is {_named(wanted)} for {maximum} replicas: no nodes are among the files",
            "verify a stack, or list the nodes with the other files",
        )
    elif wanted and any(misfit(target, wanted, pool) is None for pool in facts.pools):
        per_replica = 1 if isinstance(target.pods_per_replica, Unknown) else target.pods_per_replica
        pods = room(target, wanted, facts.pools)
        if pods < maximum * per_replica:
            yield warning(
                autoscaler.bounds_place,
                f"{autoscaler.ref} may ask for {maximum} replicas; the nodes have {_named(wanted)} for {pods // per_replica}",
                f"lower the maximum to {pods // per_replica} or give the pool more nodes",
            )


def _named(wanted: Mapping[str, Decimal]) -> str:
    return " and ".join(sorted(wanted))
