"""KEDA (chart 2.20.2): owner of the API external.metrics.k8s.io.

Source of the keys: kedacore/charts keda/values.yaml and its templates; of replicas and ports: kedacore/keda-docs operate/cluster.md.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.distributions import GKE, Distribution
from headroom.desired.objects import Object
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.desired.platform.monitor import service_monitor
from headroom.settings.platform import Mode, Monitoring, Platform
from headroom.settings.stack import Stack

OPERATOR = "keda-operator"
METRICS_SERVER = "keda-operator-metrics-apiserver"
WEBHOOKS = "keda-admission-webhooks"

KUBELET_PORT = 10250
"""The firewall of a private GKE cluster lets its control plane reach nodes and pods on this port and 443 alone
(https://cert-manager.io/docs/installation/compatibility/#gke)."""

_ANSWER_SECONDS = 3


def values(platform: Platform, on: Distribution) -> Object:
    """Values with which KEDA watches every namespace, tells Prometheus how its scalers fare, and leaves ScaledObjects when it goes.

    Of two operators one leads and the other waits; of two metrics servers one is asked. The second one takes over.
    """
    return {
        "watchNamespace": "",
        # Removing the definitions would remove every ScaledObject of the cluster with them.
        "crds": {"install": True, "additionalAnnotations": {"helm.sh/resource-policy": "keep"}},
        # A registry that is away must not keep an autoscaler from starting again.
        "image": {"pullPolicy": "IfNotPresent"},
        "operator": {"name": OPERATOR, "replicaCount": 2},
        "metricsServer": {"replicaCount": 2},
        "webhooks": {
            "enabled": True,
            "name": WEBHOOKS,
            "replicaCount": 2,
            # While it is away ScaledObjects are admitted unseen: a change of replicas must not wait for it.
            "failurePolicy": "Ignore",
            **({"port": KUBELET_PORT} if on is GKE else {}),
        },
        **({"service": {"portHttpsTarget": KUBELET_PORT}} if on is GKE else {}),
        "podDisruptionBudget": {part: {"maxUnavailable": 1} for part in ("operator", "metricServer", "webhooks")},
        **placement.pods(platform),
        "topologySpreadConstraints": {
            "operator": placement.apart({"app": OPERATOR}),
            "metricsServer": placement.apart({"app": METRICS_SERVER}),
            "webhooks": placement.apart({"app": WEBHOOKS}),
        },
        # A Prometheus that has not answered by then counts as one that failed; in milliseconds.
        "http": {"timeout": _ANSWER_SECONDS * 1000},
        **({"prometheus": _scraped(platform.monitoring)} if platform.monitoring.mode is not Mode.NONE else {}),
    }


def _scraped(monitoring: Monitoring) -> Object:
    return {part: {"enabled": True, "serviceMonitor": service_monitor(monitoring)} for part in ("operator", "metricServer", "webhooks")}


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    return installed("keda", charts.KEDA, platform.keda, values(platform, on), stack, needs=("monitoring",))
