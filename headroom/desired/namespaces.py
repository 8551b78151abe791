"""The namespaces of a stack, and what a team's share of the cluster is made of.

Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/ (of extended resources only requests can be bounded).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headroom.catalog.names import APP_MANAGED_BY, MANAGER, servers_priority
from headroom.desired.objects import Object, obj
from headroom.settings.namespaces import Namespace, resources_of
from headroom.settings.stack import Stack

_TEMPLATES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Deployment": (("spec", "template"),),
    "Job": (("spec", "template"),),
    "LeaderWorkerSet": (("spec", "leaderWorkerTemplate", "leaderTemplate"), ("spec", "leaderWorkerTemplate", "workerTemplate")),
}
"""Where the pods of a kind are described."""


def shares(stack: Stack) -> dict[str, Object]:
    """Quotas and priority classes of namespaces by role; nothing of those that another stack makes."""
    found: dict[str, Object] = {}
    for name, settings in stack.namespaces.items():
        if settings.existing:
            continue
        if settings.gpus is not None:
            found[f"{name}-gpus"] = _quota(stack, name, settings.gpus)
        if settings.priority is not None:
            found[f"{name}-priority"] = _priority(name, settings.priority)
    return found


def prioritised(objects: Mapping[str, Object], server: str, namespace: str, settings: Namespace | None) -> dict[str, Object]:
    """A server's objects, its own pods in the priority class of its namespace."""
    if settings is None or settings.priority is None:
        return dict(objects)
    change = {"priorityClassName": servers_priority(namespace)}
    return {role: with_pods(item, server, spec=change) for role, item in objects.items()}


def with_pods(item: Object, server: str, *, spec: Mapping[str, Any] | None = None, labels: Mapping[str, str] | None = None) -> Object:
    """The object with `spec` and `labels` in those pods of it that run as the server."""
    for path in _TEMPLATES.get(item["kind"], ()):
        item = _changed(item, path, lambda template: _pod(template, server, spec or {}, labels or {}))
    return item


def _pod(template: Object, server: str, spec: Mapping[str, Any], labels: Mapping[str, str]) -> Object:
    if template["spec"].get("serviceAccountName") != server:
        return template
    metadata = {**template["metadata"], "labels": {**template["metadata"].get("labels", {}), **labels}}
    return {**template, "metadata": metadata, "spec": {**template["spec"], **spec}}


def _changed(node: Object, path: tuple[str, ...], change: Any) -> Object:
    if not path:
        return change(node)
    first, *rest = path
    return {**node, first: _changed(node[first], tuple(rest), change)}


def _quota(stack: Stack, namespace: str, gpus: int) -> Object:
    bounds = {f"requests.{resource}": str(gpus) for resource in resources_of(stack.pools, stack.platform.gpu_operator.mig_strategy)}
    return obj("v1", "ResourceQuota", "gpus", namespace=namespace, labels={APP_MANAGED_BY: MANAGER}, spec={"hard": bounds})


def _priority(namespace: str, value: int) -> Object:
    return obj(
        "scheduling.k8s.io/v1",
        "PriorityClass",
        servers_priority(namespace),
        labels={APP_MANAGED_BY: MANAGER},
        value=value,
        globalDefault=False,
        description=f"model servers of the namespace {namespace}",
    )
