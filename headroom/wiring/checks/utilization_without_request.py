"""An autoscaler holds a resource's utilization, and a container requests none of it.

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
from headroom.wiring.document import Place
from headroom.wiring.facts import Facts, Text, Workload
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.keda import RESOURCES
from headroom.wiring.scrape import same_namespace
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        target = target_of(facts, autoscaler)
        if isinstance(target, Workload):
            for metric in autoscaler.metrics:
                if metric.target_type == "Utilization" and isinstance(metric.name, str):
                    container = None if metric.kind == "Resource" else metric.container
                    yield from _judge(facts, metric.place, metric.name, container, target)
            for trigger in autoscaler.triggers:
                if trigger.kind in RESOURCES and "Utilization" in (trigger.metric_type, trigger.metadata.get("type")):
                    yield from _judge(facts, trigger.place, str(trigger.kind), trigger.metadata.get("containerName"), target)


def _judge(facts: Facts, place: Place, resource: str, container: Text | None, target: Workload) -> Iterator[Verdict]:
    """`container` is the one that is measured; None for all of the pod's."""
    measured = [c for c in target.containers if container is None or c.name == container]
    hole = next((c.requests for c in measured if isinstance(c.requests, Unknown)), None)
    bare = [str(c.name) for c in measured if not isinstance(c.requests, Unknown) and resource not in c.requests]
    if hole is not None and not bare:
        yield cannot_tell(place, f"whether {target.ref} requests {resource}: {hole.why}", "write the requests out")
    elif bare and _has_limit_range(facts, target):
        yield cannot_tell(
            place,
            f"whether {target.ref} requests {resource}: {', '.join(bare)} does not, and a LimitRange of the namespace may do so for it",
            f"add resources.requests.{resource} to the container",
        )
    elif bare:
        yield error(
            place,
            f"the container {', '.join(bare)} of {target.ref} requests no {resource}, so there is no utilization of it",
            f"add resources.requests.{resource} to the container",
        )


def _has_limit_range(facts: Facts, target: Workload) -> bool:
    return any(found.ref.kind == "LimitRange" and same_namespace(found.ref.namespace, target.ref.namespace) for found in facts.objects)
