"""The target lies where the metric can never exceed it.

A ratio ends at 1, also where its name says `perc`; memory ends at the containers' limits, which as a utilization is limit by request. The
HPA acts only when a metric is more than its tolerance (10 %) above the target, so a target from 0.91 up on a ratio is never exceeded far
enough.

## Why it matters

The autoscaler never adds a replica, at any load.

## How to mend it

Choose a target with room above it, say 0.6 to 0.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from headroom.wiring.bounds import upper, upper_of_series
from headroom.wiring.chain import asked, askings, links, target_of
from headroom.wiring.document import Place
from headroom.wiring.facts import Facts, Text, Workload
from headroom.wiring.finding import Verdict, error
from headroom.wiring.managed import managed
from headroom.wiring.nodes import Amounts
from headroom.wiring.values import Unknown, quantity

_MEMORY = "memory"
_TOLERANCE = Decimal("0.1")


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        targets = [value for value in metric.target_values.values() if isinstance(value, Decimal)]
        wanted = managed(metric)
        series = [link.series for link in links(facts, autoscaler, metric)] + ([wanted.series] if wanted else [])
        for behind in series:
            yield from _judge(metric.place, name, upper_of_series(facts, behind), targets)
    for asking in (asking for asking in askings(facts) if not asking.autoscaler.composed):
        threshold = asking.trigger.metadata.get("threshold")
        target = quantity(threshold) if isinstance(threshold, str) else None
        yield from _judge(asking.trigger.place, "the trigger's query", upper(facts, asking.tree), [] if target is None else [target])
    for autoscaler in facts.autoscalers:
        workload = target_of(facts, autoscaler)
        if not isinstance(workload, Workload):
            continue
        for metric in autoscaler.metrics:
            if metric.name == _MEMORY and metric.target_type == "Utilization":
                container = metric.container if metric.kind == "ContainerResource" else None
                target = metric.target_values.get("averageUtilization")
                yield from _of_memory(workload, container, metric.place, target)
        for trigger in autoscaler.triggers:
            value = trigger.metadata.get("value")
            if trigger.kind == _MEMORY and trigger.metric_type == "Utilization" and isinstance(value, str):
                yield from _of_memory(workload, trigger.metadata.get("containerName"), trigger.place, quantity(value))


def _of_memory(workload: Workload, container: Text | None, place: Place, target: Decimal | Unknown | None) -> Iterator[Verdict]:
    """Usage of all pods by what they request, in percent: no container has more than its limit."""
    measured = [found for found in workload.containers if container is None or found.name == container]
    limits, requests = _sum(found.limits for found in measured), _sum(found.requests for found in measured)
    if isinstance(target, Decimal) and limits and requests:
        yield from _judge(place, "the utilization of memory", (100 * limits / requests).quantize(Decimal(1)), [target])


def _sum(amounts: Iterable[Amounts]) -> Decimal | None:
    """The memory of all; None where one has none, or it cannot be told."""
    found = [None if isinstance(each, Unknown) else each.get(_MEMORY) for each in amounts]
    told = [amount for amount in found if isinstance(amount, Decimal)]
    return sum(told, Decimal(0)) if len(told) == len(found) else None


def _judge(place: Place, subject: str, bound: Decimal | None, targets: list[Decimal]) -> Iterator[Verdict]:
    if bound is not None and targets and targets[0] * (1 + _TOLERANCE) >= bound:
        yield error(
            place,
            f"{subject} never rises above {bound:f}, and a target of {targets[0].normalize():f} needs more than that to add a replica",
            f"choose a target well below {bound:f}",
        )
