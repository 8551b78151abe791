"""kube-prometheus-stack (chart 88.5.3).

Source of the keys: prometheus-community/helm-charts charts/kube-prometheus-stack/values.yaml.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.desired.objects import Object, duration
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Monitoring, Platform
from headroom.settings.stack import Stack

PROMETHEUS_PORT = 9090


def prometheus_url(monitoring: Monitoring) -> str:
    """Scheme and host of the Prometheus inside the cluster; the port is `PROMETHEUS_PORT`.

    The headless Service of the Prometheus Operator exists whatever the release is called.
    """
    return f"http://prometheus-operated.{monitoring.namespace}.svc"


def values(platform: Platform, on: Distribution) -> Object:
    """Values with which Prometheus finds every monitor and rule of the cluster and evaluates as often as it scrapes."""
    monitoring = platform.monitoring
    interval = duration(monitoring.scrape_interval)
    selectors = ("serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig")
    return {
        "fullnameOverride": monitoring.release,
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


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    return installed(
        "monitoring", charts.KUBE_PROMETHEUS_STACK, platform.monitoring, values(platform, on), stack, pod_security="privileged"
    )
