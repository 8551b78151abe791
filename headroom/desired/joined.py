"""One address for the replicas of several servers, such as those of two kinds of GPU: a Service over all of them behind a route."""

from __future__ import annotations

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import ROUTE_LABEL
from headroom.desired.objects import Object, obj
from headroom.settings.reachability import reachable_ports


def service_name(owner: str) -> str:
    """Of the server whose route it is."""
    return f"{owner}-joined"


def service(owner: str, namespace: str, labels: dict[str, str], engine: Engine) -> Object:
    """Pods say themselves that they belong to it; the servers' own Services stay as they are."""
    ports = [
        {"name": port.name, "port": port.number, "targetPort": port.name, "appProtocol": port.app_protocol}
        for port in reachable_ports(engine)
    ]
    made = obj(
        "v1", "Service", service_name(owner), namespace=namespace, labels=labels, spec={"selector": {ROUTE_LABEL: owner}, "ports": ports}
    )
    made["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    return made


def marked(workload: Object, owner: str) -> Object:
    """A workload whose pods that serve are reached by the route of `owner`."""
    spec = workload["spec"]
    if "template" in spec:
        return {**workload, "spec": {**spec, "template": _marked(spec["template"], owner)}}
    group = spec["leaderWorkerTemplate"]
    return {**workload, "spec": {**spec, "leaderWorkerTemplate": {**group, "leaderTemplate": _marked(group["leaderTemplate"], owner)}}}


def _marked(template: Object, owner: str) -> Object:
    metadata = template["metadata"]
    return {**template, "metadata": {**metadata, "labels": {**metadata["labels"], ROUTE_LABEL: owner}}}
