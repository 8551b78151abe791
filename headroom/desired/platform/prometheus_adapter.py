"""prometheus-adapter (chart 5.3.0): two generic rules serve every signal of every server, now and later.

Source of the keys: prometheus-community/helm-charts charts/prometheus-adapter/values.yaml; of the rules' form:
kubernetes-sigs/prometheus-adapter docs/config.md.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.catalog.names import NAMESPACE_LABEL, POD_LABEL, SERIES_PREFIX, SERVER_LABEL
from headroom.desired.objects import Object, duration
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.desired.platform.monitoring import PROMETHEUS_PORT, prometheus_url
from headroom.settings.platform import Monitoring, Platform
from headroom.settings.stack import Stack


def values(platform: Platform, on: Distribution) -> Object:
    """Values of the chart: where Prometheus is, how often series are listed, and which become metrics of pods and of Services."""
    monitoring = platform.monitoring
    return {
        "prometheus": {"url": prometheus_url(monitoring), "port": PROMETHEUS_PORT},
        "metricsRelistInterval": duration(monitoring.scrape_interval),
        # A series is offered as long as it appeared within this time: a few scrapes, so that a missed one does not withdraw it.
        "extraArguments": [f"--metrics-max-age={duration(max(30, 4 * monitoring.scrape_interval))}"],
        "rules": {
            "default": False,
            "custom": [_rule("pod", POD_LABEL, "pod", monitoring), _rule("server", SERVER_LABEL, "service", monitoring)],
            "external": [],
        },
    }


def _rule(level: str, label: str, resource: str, monitoring: Monitoring) -> Object:
    return {
        "seriesQuery": f'{{__name__=~"^{SERIES_PREFIX}.+:{level}$",{NAMESPACE_LABEL}!="",{label}!=""}}',
        "resources": {"overrides": {NAMESPACE_LABEL: {"resource": "namespace"}, label: {"resource": resource}}},
        "name": {"matches": "^(.*)$", "as": "$1"},
        # A recorded series has one element per object: any aggregation gives its value. A plain selector would still give the last
        # sample five minutes after it, as after a restart of Prometheus.
        "metricsQuery": f"max(last_over_time(<<.Series>>{{<<.LabelMatchers>>}}[{duration(monitoring.freshness)}])) by (<<.GroupBy>>)",
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    return installed(
        "prometheusAdapter", charts.PROMETHEUS_ADAPTER, platform.prometheus_adapter, values(platform, on), stack, needs=("monitoring",)
    )
