"""kube-prometheus-stack (chart 88.5.3).

Source of the keys: prometheus-community/helm-charts charts/kube-prometheus-stack/values.yaml.
"""

from __future__ import annotations

from headroom.desired.objects import Object, duration
from headroom.settings.platform import Monitoring

RELEASE = "monitoring"
PROMETHEUS_PORT = 9090


def prometheus_url(monitoring: Monitoring) -> str:
    """Scheme and host of the Prometheus inside the cluster; the port is `PROMETHEUS_PORT`.

    The headless Service of the Prometheus Operator exists whatever the release is called.
    """
    return f"http://prometheus-operated.{monitoring.namespace}.svc"


def values(monitoring: Monitoring) -> Object:
    """Values with which Prometheus finds every monitor and rule of the cluster and evaluates as often as it scrapes."""
    interval = duration(monitoring.scrape_interval)
    selectors = ("serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig")
    return {
        "fullnameOverride": RELEASE,
        "cleanPrometheusOperatorObjectNames": True,
        "prometheus": {
            "prometheusSpec": {
                "scrapeInterval": interval,
                "evaluationInterval": interval,
                # Otherwise only monitors that carry the release's label are seen, and the others are skipped without a word.
                **{f"{kind}SelectorNilUsesHelmValues": False for kind in selectors},
            }
        },
        # Otherwise its series are those of the namespace that it runs in, and the objects' own is called exported_namespace.
        "kube-state-metrics": {"prometheus": {"monitor": {"honorLabels": True}}},
    }
