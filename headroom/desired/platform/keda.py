"""KEDA (chart 2.20.2): owner of the API external.metrics.k8s.io.

Source of the keys: kedacore/charts keda/values.yaml.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.desired.objects import Object, duration
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Platform
from headroom.settings.stack import Stack

_ANSWER_SECONDS = 3


def values(platform: Platform, on: Distribution) -> Object:
    """Values with which KEDA watches every namespace, tells Prometheus how its scalers fare, and leaves ScaledObjects when it goes."""
    monitoring = platform.monitoring
    watched = {
        "enabled": True,
        "serviceMonitor": {"enabled": True, "interval": duration(monitoring.scrape_interval), "additionalLabels": dict(monitoring.labels)},
    }
    return {
        "watchNamespace": "",
        # Removing the definitions would remove every ScaledObject of the cluster with them.
        "crds": {"install": True, "additionalAnnotations": {"helm.sh/resource-policy": "keep"}},
        # A Prometheus that has not answered by then counts as one that failed; in milliseconds.
        "http": {"timeout": _ANSWER_SECONDS * 1000},
        "prometheus": {"operator": watched, "metricServer": watched},
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    return installed("keda", charts.KEDA, platform.keda, values(platform, on), stack, needs=("monitoring",))
