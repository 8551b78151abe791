"""Cluster Autoscaler (chart 9.59.0) on EKS: as many nodes in each node group as pods wait for.

Source of the keys: kubernetes/autoscaler cluster-autoscaler/charts/cluster-autoscaler; of the flags: its FAQ.md; of priorities: its
expander/priority/readme.md; of the images: its releases of 2026-07-22.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.names import APP_INSTANCE, APP_NAME
from headroom.desired.objects import Object, duration
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.desired.platform.karpenter import ROLE_ANNOTATION
from headroom.settings.cluster import Cluster, EksCluster
from headroom.settings.platform import ClusterAutoscaler, Mode, Platform
from headroom.settings.pool import Pool
from headroom.settings.stack import Stack

IMAGES = {"1.33": "v1.33.6", "1.34": "v1.34.5", "1.35": "v1.35.2", "1.36": "v1.36.1"}
"""The image for each minor version of Kubernetes: it simulates that version's scheduler."""

_SPOT, _ANY = 50, 10
"""Priorities: the higher is tried first, and a group that none matches is never scaled."""


def values(platform: Platform, cluster: Cluster, pools: dict[str, Pool]) -> Object:
    """Values fit for GPU nodes, which are dear, come slowly, and are no use without their device plugin."""
    autoscaler = platform.cluster_autoscaler
    labels = {APP_NAME: "aws-cluster-autoscaler", APP_INSTANCE: autoscaler.release}
    spot = sorted(name for name, pool in pools.items() if pool.fallback)
    return {
        "fullnameOverride": autoscaler.release,
        "cloudProvider": "aws",
        "autoDiscovery": {"clusterName": cluster.name},
        **_where(cluster),
        "replicaCount": 2,
        # The chart's own choice: without it no node comes for anything else.
        **placement.pods(platform, priority_class=placement.system_critical(autoscaler.namespace)),
        "topologySpreadConstraints": placement.apart(labels),
        "rbac": {"serviceAccount": {"name": autoscaler.release, **_annotated(autoscaler)}},
        "extraArgs": {
            "expander": "priority,least-waste" if spot else "least-waste",
            "scale-down-unneeded-time": duration(autoscaler.unneeded),
            "max-node-provision-time": duration(autoscaler.provision),
            # Of the share of its GPUs that is asked for: a replica that is moved to save a node starts anew, for minutes.
            "scale-down-gpu-utilization-threshold": "0",
        },
        **({"expanderPriorities": _priorities(spot)} if spot else {}),
        **({"serviceMonitor": _monitor(platform)} if platform.monitoring.mode is not Mode.NONE else {}),
    }


def _where(cluster: Cluster) -> Object:
    if not isinstance(cluster, EksCluster):
        return {}
    version = cluster.create.version if cluster.create else None
    image = IMAGES.get(version or "")
    return {"awsRegion": cluster.region, **({"image": {"tag": image}} if image else {})}


def _annotated(autoscaler: ClusterAutoscaler) -> Object:
    return {"annotations": {ROLE_ANNOTATION: autoscaler.role}} if autoscaler.role else {}


def _priorities(spot: list[str]) -> Object:
    """EKS calls the Auto Scaling group of a node group `eks-NAME-…`."""
    return {str(_SPOT): [f"^eks-{name}-spot-.*" for name in spot], str(_ANY): [".*"]}


def _monitor(platform: Platform) -> Object:
    """The chart asks for a namespace of its own choice, and for a label of nobody's."""
    monitoring = platform.monitoring
    return {
        "enabled": True,
        "namespace": platform.cluster_autoscaler.namespace,
        "interval": duration(monitoring.scrape_interval),
        "selector": {"release": None, **monitoring.labels},
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform = stack.platform
    asked = values(platform, stack.cluster, dict(stack.pools))
    return installed("clusterAutoscaler", charts.CLUSTER_AUTOSCALER, platform.cluster_autoscaler, asked, stack, needs=("monitoring",))
