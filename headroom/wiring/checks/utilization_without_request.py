"""The HPA holds a resource's utilization, and a container requests none of it.

Utilization is usage divided by the request. Without a request there is nothing to divide by.

## Why it matters

The HPA reports `FailedGetResourceMetric` ("missing request for cpu") and does not scale. One container without a request is enough, a
sidecar too.

## How to mend it

Give every container of the pod a request of that resource, or measure one container with a ContainerResource metric, or hold an
`AverageValue`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import target_of
from headroom.wiring.facts import AutoscalerMetric, Facts, Workload
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        target = target_of(facts, autoscaler)
        if isinstance(target, Workload):
            for metric in autoscaler.metrics:
                yield from _judge(metric, target)


def _judge(metric: AutoscalerMetric, target: Workload) -> Iterator[Verdict]:
    if metric.target_type != "Utilization" or not isinstance(metric.name, str):
        return
    measured = [c for c in target.containers if metric.kind == "Resource" or c.name == metric.container]
    hole = next((container.requests for container in measured if isinstance(container.requests, Unknown)), None)
    bare = [str(c.name) for c in measured if not isinstance(c.requests, Unknown) and metric.name not in c.requests]
    if hole is not None and not bare:
        yield cannot_tell(metric.place, f"whether {target.ref} requests {metric.name}: {hole.why}", "write the requests out")
    elif bare:
        yield error(
            metric.place,
            f"the container {', '.join(bare)} of {target.ref} requests no {metric.name}, so there is no utilization of it",
            f"add resources.requests.{metric.name} to the container",
        )
