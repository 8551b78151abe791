"""Monitors that were meant for a workload and miss it."""

from __future__ import annotations

from headroom.wiring.facts import Facts, Monitor, Service, Workload
from headroom.wiring.likeness import meant_for
from headroom.wiring.scrape import backends, in_namespaces, selected_services
from headroom.wiring.selectors import Labels, show


def near_miss(facts: Facts, monitor: Monitor, workload: Workload) -> str | None:
    """Why a monitor that was meant for the workload misses it; None where it was meant for something else."""
    if monitor.of_pods:
        return _mismatch(monitor, workload, workload.pod_labels, workload.ref.namespace, "the pods have")
    behind = [service for service in facts.services if any(found is workload for found, _ in backends(facts, service))]
    reasons = [_mismatch(monitor, workload, service.labels, service.ref.namespace, f"the {service.ref} has") for service in behind]
    return next((reason for reason in reasons if reason), None) or _dead_end(facts, monitor, workload)


def _mismatch(monitor: Monitor, workload: Workload, labels: Labels, namespace: str, have: str) -> str | None:
    unmet = monitor.selector.unmet(labels)
    if unmet:
        meant = meant_for(monitor.ref.name, workload.ref.name, monitor.selector, labels)
        return f"it asks for {', '.join(map(str, unmet))}; {have} {show(labels)}" if meant else None
    if in_namespaces(monitor, namespace) is False:
        looked_into = ", ".join(monitor.namespaces) if isinstance(monitor.namespaces, tuple) else ""
        return f"it looks into the namespace {looked_into}, they are in {namespace}"
    return None


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
