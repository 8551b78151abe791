"""No monitor selects the pods whose metric the autoscaler needs.

A PodMonitor selects pods by their labels. A ServiceMonitor selects Services by the Services' own labels, and the Service selects the
pods. Both look into their own namespace only, unless `namespaceSelector` says otherwise.

## Why it matters

Prometheus has no target, so the series does not exist and the HPA reads `<unknown>`. Nothing reports it: a monitor that selects nothing
is valid.

## How to mend it

Make the monitor's `selector.matchLabels` equal to labels that the pods (PodMonitor) or the Service (ServiceMonitor) carry, and name the
namespace in `namespaceSelector.matchNames` where it is another.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import scraped_for
from headroom.wiring.facts import Facts, Monitor, Service, Workload
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.scrape import backends, in_namespaces, scrapes_of, selected_services
from headroom.wiring.selectors import Labels, LabelSelector, show
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for workload, metric in scraped_for(facts).items():
        scrapes = scrapes_of(facts, workload)
        if not scrapes:
            yield _unscraped(facts, workload, metric)
        elif not any(scrape.selects is True for scrape in scrapes):
            doubt = scrapes[0]
            why = doubt.selects.why if isinstance(doubt.selects, Unknown) else ""
            yield cannot_tell(
                doubt.monitor.place,
                f"whether {doubt.monitor.ref} selects the pods of {workload.ref}: {why}",
                "write labels and namespaces out",
            )


def _unscraped(facts: Facts, workload: Workload, metric: str) -> Verdict:
    for monitor in facts.monitors:
        reason = _near_miss(facts, monitor, workload)
        if reason:
            return error(
                monitor.place,
                f"{monitor.ref} does not select the pods of {workload.ref}, which must be scraped for {metric}: {reason}",
                "make selector and labels equal, and the namespaces too",
            )
    if facts.closed:
        return error(
            workload.place, f"no monitor selects the pods of {workload.ref}, which must be scraped for {metric}", "add a PodMonitor"
        )
    annotated = not isinstance(workload.pod_annotations, Unknown) and workload.pod_annotations.get("prometheus.io/scrape") == "true"
    return cannot_tell(
        workload.place,
        f"whether Prometheus scrapes the pods of {workload.ref} for {metric}: "
        + (
            "their prometheus.io annotations work only where Prometheus is told so" if annotated else "no monitor in the files selects them"
        ),
        "verify the PodMonitor or ServiceMonitor together with this object",
    )


def _near_miss(facts: Facts, monitor: Monitor, workload: Workload) -> str | None:
    """Why a monitor that was meant for the workload misses it; None where it was meant for something else."""
    if monitor.of_pods:
        return _mismatch(
            monitor, monitor.selector, workload.pod_labels, workload.ref.namespace, f"the pods have {show(workload.pod_labels)}"
        )
    behind = [service for service in facts.services if any(found is workload for found, _ in backends(facts, service))]
    for service in behind:
        reason = _mismatch(
            monitor, monitor.selector, service.labels, service.ref.namespace, f"the {service.ref} has {show(service.labels)}"
        )
        if reason:
            return reason
    return _dead_end(facts, monitor, workload)


def _mismatch(monitor: Monitor, selector: LabelSelector, labels: Labels, namespace: str, have: str) -> str | None:
    unmet = selector.unmet(labels)
    if not unmet and in_namespaces(monitor, namespace) is False:
        looked_into = ", ".join(monitor.namespaces) if isinstance(monitor.namespaces, tuple) else ""
        return f"it looks into the namespace {looked_into}, they are in {namespace}"
    meant = len(unmet) < len(selector.requirements) or _alike(monitor, labels)
    return f"it asks for {', '.join(map(str, unmet))}; {have}" if unmet and meant else None


def _alike(monitor: Monitor, labels: Labels) -> bool:
    """Whether the monitor's name is one of the label values."""
    return not isinstance(labels, Unknown) and monitor.ref.name in labels.values()


def _dead_end(facts: Facts, monitor: Monitor, workload: Workload) -> str | None:
    """A Service that the monitor selects and that bears the workload's name, yet selects none of its pods."""
    for service, _ in selected_services(facts, monitor):
        if not any(backends(facts, service)) and _shares(service, workload):
            return (
                f"it selects {service.ref}, whose selector ({show(service.selector or {})}) matches no pod with {show(workload.pod_labels)}"
            )
    return None


def _shares(service: Service, workload: Workload) -> bool:
    return service.ref.name.startswith(workload.ref.name) or workload.ref.name.startswith(service.ref.name)
