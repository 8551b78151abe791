"""A Service selects no pod.

## Why it matters

It has no endpoints: clients are refused, and a ServiceMonitor on it scrapes nothing.

## How to mend it

Make its selector equal to labels of the pod template (not of the Deployment itself).
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts, Service
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.likeness import meant_for
from headroom.wiring.scrape import backends, same_namespace
from headroom.wiring.selectors import equal_to, show
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for service in facts.services:
        if service.selector is None or (not isinstance(service.selector, Unknown) and not service.selector):
            continue
        found = list(backends(facts, service))
        if any(verdict is True for _, verdict in found):
            continue
        if isinstance(service.selector, Unknown) or found:
            yield cannot_tell(service.place, f"whether {service.ref} selects any pod", "write selector and labels out")
        else:
            yield _nothing(facts, service)


def _nothing(facts: Facts, service: Service) -> Verdict:
    selector = equal_to({} if isinstance(service.selector, Unknown) or service.selector is None else service.selector)
    for workload in facts.workloads:
        if same_namespace(workload.ref.namespace, service.ref.namespace) and meant_for(
            service.ref.name, workload.ref.name, selector, workload.pod_labels
        ):
            return error(
                service.place,
                f"{service.ref} selects {selector}; the pods of {workload.ref} have {show(workload.pod_labels)}",
                "make them equal",
            )
    if facts.closed:
        return error(service.place, f"{service.ref} selects {selector}, which no pod has", "select the pods it is for, or remove it")
    return cannot_tell(
        service.place, f"whether {service.ref} selects any pod: no pod in the files has {selector}", "verify the workload too"
    )
