"""KEDA (chart 2.20.2): owner of the API external.metrics.k8s.io.

Source of the keys: kedacore/charts keda/values.yaml.
"""

from __future__ import annotations

from headroom.desired.objects import Object, duration
from headroom.settings.platform import Keda, Monitoring

_ANSWER_SECONDS = 3


def values(keda: Keda, monitoring: Monitoring) -> Object:
    """Values with which KEDA watches every namespace, tells Prometheus how its scalers fare, and leaves ScaledObjects when it goes."""
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
