"""The LeaderWorkerSet controller (chart lws of registry.k8s.io): replicas that span several nodes.

Source of the keys: kubernetes-sigs/lws charts/lws/values.yaml.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.desired.objects import Object
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Platform
from headroom.settings.stack import Stack

_VERSION = "v0.9.0"


def values(platform: Platform, on: Distribution) -> Object:
    """Values of the chart, which as it is published asks for the image of the development branch."""
    return {
        "image": {"manager": {"tag": _VERSION}},
        # Without a gang scheduler that the cluster has, groups are placed pod by pod.
        "gangSchedulingManagement": {},
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    return installed("lws", charts.LWS, platform.lws, values(platform, on), stack)
