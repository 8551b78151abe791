"""NetworkPolicies keep Prometheus from the port that it scrapes.

Once one policy selects a pod, nothing comes in but what some policy allows. A selector of namespaces reads their labels; the one label
that every namespace has is `kubernetes.io/metadata.name`. A selector of pods without one of namespaces means the policy's own namespace.

## Why it matters

The monitor is right and the target is down: every scrape runs into its timeout, and the autoscaler is blind from the moment that the
policy is enforced. Where no network plugin enforces policies nothing happens, so a test cluster does not show it.

## How to mend it

Allow the metrics port from the namespace of Prometheus:
`from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.barriers import Door, Pod, asked_labels, isolating, lets_in
from headroom.wiring.chain import scraped_for
from headroom.wiring.facts import Facts, Port, Workload
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.scrape import scrapes_of
from headroom.wiring.selectors import Labels, either
from headroom.wiring.values import Unknown

_NAME_LABEL = "kubernetes.io/metadata.name"


def check(facts: Facts) -> Iterator[Verdict]:
    for workload, metric in scraped_for(facts).items() if facts.barriers else ():
        pod = Pod(workload.ref.namespace, None, workload.pod_labels)
        for door in dict.fromkeys(_scraped(facts, workload)):
            reached = either(lets_in(facts.barriers, pod, prometheus, door) for prometheus in _prometheuses(facts))
            (barrier, _), *_ = [*isolating(facts.barriers, pod), (None, None)]
            if barrier is None or reached is True:
                continue
            if isinstance(reached, Unknown):
                yield cannot_tell(
                    barrier.place,
                    f"whether {barrier.ref} lets Prometheus in at port {door.number} of {workload.ref}: {reached.why}",
                    f"select its namespace by {_NAME_LABEL}",
                )
            else:
                yield error(
                    barrier.place,
                    f"{barrier.ref} keeps Prometheus from port {door.number} of {workload.ref}, which must be scraped for {metric}",
                    "allow that port from the namespace of Prometheus",
                )


def _scraped(facts: Facts, workload: Workload) -> Iterator[Door]:
    """The ports that are certainly scraped."""
    for scrape in scrapes_of(facts, workload):
        if scrape.certain and isinstance(scrape.port, Port) and isinstance(scrape.port.number, int):
            yield Door(scrape.port.number, scrape.port.name if isinstance(scrape.port.name, str) else None)


def _prometheuses(facts: Facts) -> list[Pod]:
    """What scrapes, in whose labels there may be anything that a rule wants; one that is nowhere in the files may be anywhere."""
    spaces = [found.namespace for found in facts.prometheuses if isinstance(found.namespace, str) and found.namespace]
    if not spaces or len(spaces) < len(facts.prometheuses):
        return [Pod(None, None, None)]
    return [Pod(space, _labels(facts, space), None) for space in spaces]


def _labels(facts: Facts, namespace: str) -> Labels:
    """A namespace's labels: all of them where its manifest is there, else the one that every namespace has."""
    known = next((found.labels for found in facts.objects if found.ref.kind == "Namespace" and found.ref.name == namespace), None)
    if isinstance(known, Unknown):
        return known
    hole = Unknown(f"the labels of the namespace {namespace} are not in the files")
    return {**(dict.fromkeys(asked_labels(facts.barriers), hole) if known is None else known), _NAME_LABEL: namespace}
