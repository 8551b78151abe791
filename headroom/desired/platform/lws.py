"""The LeaderWorkerSet controller (chart lws of registry.k8s.io): replicas that span several nodes.

Source of the keys: kubernetes-sigs/lws charts/lws/values.yaml.
"""

from __future__ import annotations

from headroom.desired.objects import Object

NAMESPACE = "lws-system"
_VERSION = "v0.9.0"


def values() -> Object:
    """Values of the chart, which as it is published asks for the image of the development branch."""
    return {
        "image": {"manager": {"tag": _VERSION}},
        # Without a gang scheduler that the cluster has, groups are placed pod by pod.
        "gangSchedulingManagement": {},
    }
