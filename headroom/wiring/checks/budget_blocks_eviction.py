"""A PodDisruptionBudget never lets a pod go.

`maxUnavailable: 0`, `minAvailable: 100%`, or as many available as there can be replicas, forbid every eviction.

## Why it matters

A node cannot be drained: upgrades of the cluster hang, the node autoscaler cannot remove GPU nodes that nobody uses, and they are paid
for. A budget that only blocks at the smallest count blocks just then, at night.

## How to mend it

Use `maxUnavailable: 1`. It always lets one pod go, at every count.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import autoscalers_of
from headroom.wiring.facts import Budget, Facts, Workload
from headroom.wiring.finding import Verdict, error, warning
from headroom.wiring.scrape import same_namespace
from headroom.wiring.values import percent

_FIX = "use maxUnavailable: 1"


def check(facts: Facts) -> Iterator[Verdict]:
    for budget in facts.budgets:
        for workload in guarded(facts, budget) or [None]:
            yield from _judge(facts, budget, workload)


def guarded(facts: Facts, budget: Budget) -> list[Workload]:
    """The workloads whose pods a budget certainly selects."""
    if budget.selector is None:
        return []
    here = [workload for workload in facts.workloads if same_namespace(workload.ref.namespace, budget.ref.namespace)]
    return [workload for workload in here if budget.selector.matches(workload.pod_labels) is True]


def _judge(facts: Facts, budget: Budget, workload: Workload | None) -> Iterator[Verdict]:
    if budget.max_unavailable in (0, "0%"):
        yield error(
            budget.limit_place, f"{budget.ref} allows {budget.max_unavailable} pods to be away: no node under it can be drained", _FIX
        )
        return
    if isinstance(budget.min_available, str) and percent(budget.min_available) == 100:
        yield error(budget.limit_place, f"{budget.ref} demands that every pod stays: no node under it can be drained", _FIX)
        return
    if workload is None or not isinstance(budget.min_available, int):
        return
    low, high = _counts(facts, workload)
    if high is not None and budget.min_available >= high:
        yield error(
            budget.limit_place, f"{budget.ref} demands {budget.min_available} of at most {high} pods: no node can ever be drained", _FIX
        )
    elif low is not None and budget.min_available >= low:
        yield warning(
            budget.limit_place,
            f"{budget.ref} demands {budget.min_available} pods and there may be {low}: then no node can be drained",
            _FIX,
        )


def _counts(facts: Facts, workload: Workload) -> tuple[int | None, int | None]:
    """The smallest and the largest number of pods, where they are known."""
    scalers = autoscalers_of(facts, workload)
    bounds = (scalers[0].minimum, scalers[0].maximum) if scalers else (workload.replicas, workload.replicas)
    low, high = (bound if isinstance(bound, int) else None for bound in bounds)
    return low, high
