"""Where the pods of add-ons run, in the keys that charts have for it, and the priority class that they run in.

Sources: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ (values above a thousand million are the
system's own); open-policy-agent/gatekeeper#1120 (GKE admits the system's own classes in kube-system alone, for want of a quota).
"""

from __future__ import annotations

from headroom.catalog.names import APP_MANAGED_BY, MANAGER
from headroom.desired.objects import Object, obj
from headroom.desired.platform.addon import DesiredAddOn
from headroom.settings.platform import Mode, Platform
from headroom.settings.stack import Stack

PRIORITY_CLASS = "headroom-platform"
PRIORITY = 1_000_000
"""Above the 0 of every pod that names no class, so above every server; below the classes of the system."""


def pods(platform: Platform, *, priority_class: str | None = None) -> Object:
    """`nodeSelector`, `tolerations` and `priorityClassName`, as most charts call them at the top of their values, some per component.

    `priority_class` is what a chart's own author chose, where that is higher than the one of the program.
    """
    return {**nodes(platform), "priorityClassName": platform.placement.priority_class or priority_class or PRIORITY_CLASS}


def system_critical(namespace: str) -> str | None:
    """The system's own class for a chart's author to choose, in the one namespace where every cluster admits it."""
    return "system-cluster-critical" if namespace == "kube-system" else None


def nodes(platform: Platform) -> Object:
    """`nodeSelector` and `tolerations` alone, for charts and parts of charts that have no key for a priority class."""
    placement = platform.placement
    tolerations = [
        {
            "key": toleration.key,
            "operator": "Exists" if toleration.value is None else "Equal",
            **({"value": toleration.value} if toleration.value is not None else {}),
            **({"effect": toleration.effect} if toleration.effect else {}),
        }
        for toleration in placement.tolerations
    ]
    return {
        **({"nodeSelector": dict(placement.node_selector)} if placement.node_selector else {}),
        **({"tolerations": tolerations} if tolerations else {}),
    }


def apart(labels: dict[str, str]) -> list[Object]:
    """`topologySpreadConstraints` that put the pods with `labels` on different nodes where there is more than one to choose."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels},
        }
    ]


def add_on(stack: Stack) -> DesiredAddOn:
    """The priority class of what the stack installs; nothing where it installs nothing, or names a class that is there."""
    platform = stack.platform
    installs = any(settings.mode is Mode.HELM for settings in platform.add_ons.values())
    if not installs or platform.placement.priority_class:
        return DesiredAddOn("placement")
    made = obj(
        "scheduling.k8s.io/v1",
        "PriorityClass",
        PRIORITY_CLASS,
        labels={APP_MANAGED_BY: MANAGER},
        value=PRIORITY,
        globalDefault=False,
        description="the platform that servers are scaled, measured and reached through",
    )
    return DesiredAddOn("placement", objects={"priority-class": made})
