"""Service: its endpoints have settled and none of them is unready; a load balancer also has an address."""

from __future__ import annotations

from collections.abc import Sequence

from headroom.plugins.kubernetes.awaiting.objects import at, name_of, namespace_of
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Query, Rule, Verdict, Waiting
from headroom.plugins.kubernetes.client import GVK, Object

# Endpoints arrive in bursts: they count once they have not changed for so many seconds.
SETTLE = 10.0

NO_PODS = "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods"
NO_ADDRESS = "Service was not allocated an IP address; does your cloud provider support this?"


def related(service: Object) -> list[Query]:
    if not _targets_pods(service):
        return []
    slices = GVK("discovery.k8s.io/v1", "EndpointSlice")
    return [Query(slices, namespace_of(service), labels=f"kubernetes.io/service-name={name_of(service)}")]


def assess(seen: Observed) -> Verdict:
    service = seen.live
    has_address = at(service, "spec", "type") != "LoadBalancer" or bool(at(service, "status", "loadBalancer", "ingress"))
    if not _targets_pods(service):
        reasons = () if _is_headless(service) or _is_external(service) else (NO_PODS, NO_ADDRESS)
        return Done() if has_address else Waiting(reasons=reasons)
    some_ready, some_unready = _endpoints(seen.of("EndpointSlice"))
    settled = seen.quiet >= SETTLE
    if has_address and settled and not some_unready:
        return Done((Line("Service initialization complete"),))
    lines = [] if settled else [Line("[1/3] Finding Pods to direct traffic to")]
    if settled and some_ready:
        lines.append(Line("[2/3] Attempting to allocate IP address to Service"))
    reasons = [reason for reason, holds in ((NO_PODS, not some_ready), (NO_ADDRESS, not has_address)) if holds]
    return Waiting(tuple(lines), tuple(reasons), acceptable=has_address and not some_unready)


def _targets_pods(service: Object) -> bool:
    return bool(at(service, "spec", "selector")) and not _is_headless(service) and not _is_external(service)


def _is_headless(service: Object) -> bool:
    return at(service, "spec", "clusterIP") == "None"


def _is_external(service: Object) -> bool:
    return at(service, "spec", "type") == "ExternalName"


def _endpoints(slices: Sequence[Object]) -> tuple[bool, bool]:
    """Is any endpoint ready, is any not ready; one that shuts down is neither."""
    endpoints = [endpoint for item in slices for endpoint in at(item, "endpoints", default=())]
    ready = [at(endpoint, "conditions", "ready", default=True) for endpoint in endpoints if not at(endpoint, "conditions", "terminating")]
    return any(ready), not all(ready)


RULE = Rule(assess, related)
