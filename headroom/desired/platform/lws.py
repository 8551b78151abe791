"""The LeaderWorkerSet controller (chart lws of registry.k8s.io): replicas that span several nodes.

Source of the keys and of the labels: kubernetes-sigs/lws charts/lws v0.9.0, which has neither a priority class nor a disruption budget.
"""

from __future__ import annotations

from dataclasses import replace

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.catalog.names import APP_INSTANCE, APP_MANAGED_BY, APP_NAME, MANAGER
from headroom.desired.objects import Object, obj
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Lws, Mode, Platform
from headroom.settings.stack import Stack


def values(platform: Platform, on: Distribution) -> Object:
    """Values of the chart, which as it is published asks for the image of the development branch. Of two controllers one leads."""
    labels = _labels(platform.lws)
    near = {"weight": 100, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}}}
    return {
        "fullnameOverride": platform.lws.release,
        "replicaCount": 2,
        "image": {"manager": {"tag": f"v{charts.LWS.version}", "pullPolicy": "IfNotPresent"}},
        # Without a gang scheduler that the cluster has, groups are placed pod by pod.
        "gangSchedulingManagement": {"schedulerProvider": platform.lws.gang} if platform.lws.gang else {},
        **placement.nodes(platform),
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [near]}},
    }


def _labels(lws: Lws) -> dict[str, str]:
    """Of its pods."""
    return {"control-plane": "controller-manager", APP_NAME: "lws", APP_INSTANCE: lws.release}


def _budget(lws: Lws) -> Object:
    """Its webhooks refuse pods of groups while they are away."""
    return obj(
        "policy/v1",
        "PodDisruptionBudget",
        lws.release,
        namespace=lws.namespace,
        labels={APP_MANAGED_BY: MANAGER},
        spec={"maxUnavailable": 1, "selector": {"matchLabels": _labels(lws)}},
    )


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    found = installed("lws", charts.LWS, platform.lws, values(platform, on), stack)
    return replace(found, objects={"budget": _budget(platform.lws)}) if platform.lws.mode is Mode.HELM else found
