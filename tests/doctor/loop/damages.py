"""What a test does to a cluster in which a loop holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from headroom.doctor.loop.looking import HPA, NODE, POD
from headroom.plugins.kubernetes.client import GVK
from headroom.plugins.kubernetes.errors import NotJson
from tests.doctor.loop.cluster import Cluster, ago, refusing

DEPLOYMENT = GVK("apps/v1", "Deployment")
SERVICE = GVK("v1", "Service")
Damage = Callable[[Cluster], Any]

NO_ENDPOINTS = refusing(503, "no endpoints available for service")
"""What the proxy says of a Service behind which nobody is."""


def change(gvk: GVK, *keys: str | int, to: Any) -> Damage:
    """Puts a value into the cluster's object of a kind."""

    def damage(there: Cluster) -> None:
        node: Any = there.one(gvk)
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] = to

    return damage


def page(*_: Any) -> Any:
    """An answer that is no JSON."""
    raise NotJson("a page")


def without(gvk: GVK) -> Damage:
    return lambda there: there.objects[gvk].clear()


def instead(part: str, answer: Callable[..., Any]) -> Damage:
    return lambda there: there.instead.update({part: answer})


def targets(**changes: Any) -> Damage:
    """Prometheus' target of the pod, with other fields."""

    def damage(there: Cluster) -> None:
        found = there._prometheus("targets")
        found["activeTargets"][0] |= changes
        there.instead["targets"] = lambda _: {"status": "success", "data": found}

    return damage


def rules(**changes: Any) -> Damage:
    def damage(there: Cluster) -> None:
        found = there._prometheus("rules")
        found["groups"][0]["rules"][1] |= changes
        there.instead["api/v1/rules"] = lambda _: {"status": "success", "data": found}

    return damage


def empty(data: dict[str, Any]) -> Callable[..., Any]:
    return lambda _: {"status": "success", "data": data}


def not_ready(*, seconds: float, **status: Any) -> Damage:
    """A second pod that has a node and does not get ready."""

    def damage(there: Cluster) -> None:
        scheduled = {"type": "PodScheduled", "status": "True"}
        metadata = {**there.one(POD)["metadata"], "name": "demo-2", "creationTimestamp": ago(seconds)}
        there.objects[POD].append({**there.one(POD), "metadata": metadata, "status": {"conditions": [scheduled], **status}})
        there.one(DEPLOYMENT)["spec"]["replicas"] = there.one(DEPLOYMENT)["status"]["replicas"] = 2
        there.one(HPA)["status"]["desiredReplicas"] = 2

    return damage


def waiting(*, seconds: float = 5, nodes: int = 5, gpus: str = "1") -> Damage:
    """A second pod that no node has room for, in a pool of at most five nodes."""

    def damage(there: Cluster) -> None:
        no_node = {"type": "PodScheduled", "status": "False", "message": "Insufficient nvidia.com/gpu"}
        not_ready(seconds=seconds, conditions=[no_node])(there)
        there.objects[NODE] = [
            {"metadata": {"name": f"gpu-{number}"}, "status": {"allocatable": {"nvidia.com/gpu": gpus}}} for number in range(nodes)
        ]

    return damage


def second_autoscaler(there: Cluster) -> None:
    other = {"metadata": {"name": "theirs"}, "spec": {"scaleTargetRef": there.one(HPA)["spec"]["scaleTargetRef"]}}
    there.objects[HPA].append(other)


def no_conditions(there: Cluster) -> None:
    there.one(HPA)["status"]["conditions"] = []


def unread(answer: Callable[..., Any]) -> Damage:
    """A pod that neither the API server nor Prometheus gets anything of."""

    def damage(there: Cluster) -> None:
        there.instead[":8002"] = answer
        there.instant["__name__"] = ""

    return damage
