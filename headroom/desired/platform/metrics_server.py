"""metrics-server (chart 3.13.1): owner of the API metrics.k8s.io.

Source of the keys: kubernetes-sigs/metrics-server charts/metrics-server/values.yaml; of the flags: its cmd/metrics-server/app/options;
of two replicas: its manifests/overlays/release-ha. It listens on 10250, which the control plane of every cloud reaches on nodes already.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.catalog.names import APP_INSTANCE, APP_NAME
from headroom.desired.objects import Object, duration
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Platform
from headroom.settings.stack import Stack

# Shorter is refused.
_RESOLUTION_SECONDS = 15


def values(platform: Platform, on: Distribution) -> Object:
    """Values with which usage is at most a quarter of a minute old; the chart's list of flags is given whole, as lists replace lists."""
    release = platform.metrics_server.release
    return {
        "fullnameOverride": release,
        "replicas": 2,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        # The chart's own choice, which every cluster admits in kube-system; its default namespace is that one.
        **placement.pods(platform, priority_class=placement.system_critical(platform.metrics_server.namespace)),
        "topologySpreadConstraints": placement.apart({APP_NAME: "metrics-server", APP_INSTANCE: release}),
        "defaultArgs": [
            "--cert-dir=/tmp",
            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
            "--kubelet-use-node-status-port",
            f"--metric-resolution={duration(_RESOLUTION_SECONDS)}",
        ],
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    return installed("metricsServer", charts.METRICS_SERVER, platform.metrics_server, values(platform, on), stack)
