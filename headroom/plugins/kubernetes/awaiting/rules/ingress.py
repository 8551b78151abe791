"""Ingress: each path's Service has endpoints, and the controller has published an address."""

from __future__ import annotations

from headroom.plugins.kubernetes.awaiting.objects import at, name_of, namespace_of
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Query, Rule, Verdict, Waiting
from headroom.plugins.kubernetes.client import GVK, Object

SERVICE_NAME = "kubernetes.io/service-name"

# A backend without endpoints may stay without: it is waited for until the others have not changed for SETTLE seconds, or, where
# there are none at all, for GRACE.
SETTLE = 10.0
GRACE = 60.0

NO_ENDPOINT = "Ingress has at least one rule with an unavailable target endpoint."
NO_ADDRESS = (
    "Ingress .status.loadBalancer field was not updated with a hostname/IP address. "
    "\n    for more information about this error, see https://pulumi.io/xdv72s"
)


def related(ingress: Object) -> list[Query]:
    namespace = namespace_of(ingress)
    return [
        Query(GVK("discovery.k8s.io/v1", "EndpointSlice"), namespace, labels=SERVICE_NAME),
        Query(GVK("v1", "Service"), namespace),
    ]


def assess(seen: Observed) -> Verdict:
    ingress, slices = seen.live, seen.of("EndpointSlice")
    known = {at(item, "metadata", "labels", SERVICE_NAME) for item in slices}
    known |= {name_of(service) for service in seen.of("Service") if at(service, "spec", "type") == "ExternalName"}
    missing = [path for path in _backends(ingress) if path[1] not in known]
    settled = seen.quiet >= SETTLE if slices else seen.elapsed >= GRACE
    has_backends = settled or not missing
    has_address = bool(at(ingress, "status", "loadBalancer", "ingress"))

    absent = [Line(f'No matching service found for ingress rule: {where} -> "{service}"', "warning") for where, service in missing]
    lines = absent if settled else []
    if has_backends and has_address:
        return Done((*lines, Line("Ingress initialization complete")))
    stage = "[2/3] Waiting for update of .status.loadBalancer with hostname/IP"
    lines.append(Line(stage if has_backends else "[1/3] Finding a matching service for each Ingress path"))
    reasons = [reason for reason, holds in ((NO_ENDPOINT, not has_backends), (NO_ADDRESS, not has_address)) if holds]
    return Waiting(tuple(lines), tuple(reasons))


def _backends(ingress: Object) -> list[tuple[str, str]]:
    """(quoted host and path, Service) of every path that leads to a Service."""
    paths = [
        (rule.get("host", ""), path) for rule in at(ingress, "spec", "rules", default=()) for path in at(rule, "http", "paths", default=())
    ]
    found = [(f"{host}{path.get('path', '')}", at(path, "backend", "service", "name")) for host, path in paths]
    return [(f'"{where}"' if where else '"" (default path)', service) for where, service in found if service]


RULE = Rule(assess, related)
