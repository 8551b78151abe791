"""Karpenter (chart 1.14.1 of EKS): nodes for pods that wait, made one by one.

Source of the keys: aws/karpenter-provider-aws charts/karpenter/values.yaml; of the resources: its getting-started page. In the sandbox the
same controller runs with its KWOK provider, and is asked for nodes by the same objects.
"""

from __future__ import annotations

from dataclasses import replace

from headroom.catalog import charts
from headroom.desired.clusters.karpenter import queue
from headroom.desired.node_pools import node_pools
from headroom.desired.objects import Object, duration
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Karpenter, Mode, Platform
from headroom.settings.stack import Stack

ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
"""On a ServiceAccount: the IAM role that its pods get (awsdocs/amazon-eks-user-guide associate-service-account-role)."""


def values(platform: Platform, cluster: str, queue: str | None = None) -> Object:
    """Values for the EKS cluster of that name; EC2's warnings are in `queue`.

    Of two controllers one leads; the chart keeps both off the nodes that they make.
    """
    karpenter, monitoring = platform.karpenter, platform.monitoring
    room = {"cpu": "1", "memory": "1Gi"}
    return {
        "fullnameOverride": karpenter.release,
        "replicas": 2,
        "serviceAccount": {"name": karpenter.release, **_annotated(karpenter)},
        # The chart's own choice: without it no node comes for anything else.
        **placement.pods(platform, priority_class=placement.system_critical(karpenter.namespace)),
        "controller": {"resources": {"requests": room, "limits": room}},
        "settings": {
            "clusterName": cluster,
            **({"interruptionQueue": queue} if queue else {}),
        },
        **({"serviceMonitor": _monitor(platform)} if monitoring.mode is not Mode.NONE else {}),
    }


def _annotated(karpenter: Karpenter) -> Object:
    return {"annotations": {ROLE_ANNOTATION: karpenter.role}} if karpenter.role else {}


def _monitor(platform: Platform) -> Object:
    monitoring = platform.monitoring
    return {
        "enabled": True,
        "additionalLabels": dict(monitoring.labels),
        "endpointConfig": {"interval": duration(monitoring.scrape_interval)},
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for: NodePools are there once their kinds are, which the release brings or the cluster has."""
    platform = stack.platform
    asked = values(platform, stack.cluster.name, queue(stack))
    found = installed("karpenter", charts.KARPENTER, platform.karpenter, asked, stack, needs=("monitoring",))
    wanted = node_pools(stack)
    return replace(found, later=wanted) if found.releases else replace(found, objects=wanted)
