"""What a stack says of charts and images, against the charts themselves and against its credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headroom.catalog import charts
from headroom.catalog.charts import Chart
from headroom.catalog.charts.contract import deviations
from headroom.catalog.charts.tree import facts
from headroom.settings.platform import Platform
from headroom.settings.problems import Problem

OVERRIDDEN: Mapping[str, Chart] = {
    "gpuOperator": charts.GPU_OPERATOR,
    "monitoring": charts.KUBE_PROMETHEUS_STACK,
    "prometheusAdapter": charts.PROMETHEUS_ADAPTER,
    "keda": charts.KEDA,
    "metricsServer": charts.METRICS_SERVER,
    "lws": charts.LWS,
    "traefik": charts.TRAEFIK,
    "clusterAutoscaler": charts.CLUSTER_AUTOSCALER,
    "karpenter": charts.KARPENTER,
    "efa": charts.EFA,
    "awsLoadBalancerController": charts.AWS_LOAD_BALANCER_CONTROLLER,
}
"""The chart that an add-on's overrides are values of."""


def chart_needs(platform: Platform, credentials: frozenset[str] | None) -> Iterator[Problem]:
    """`credentials` are the names of those that the stack has, None where that cannot be told."""
    for name, addon in platform.add_ons.items():
        if addon.overrides:
            chart = OVERRIDDEN[name]
            for found in deviations(addon.overrides, facts(chart.name).values):
                path = ("platform", name, "overrides", *found.path)
                yield Problem(path, f"{found.message} ({chart.name} {chart.version})")
    login = platform.images.login
    if login and credentials is not None and login.password not in credentials:
        yield Problem(
            ("credentials", login.password),
            "is required by platform.images.login.password: set it with "
            f"`pulumi config set --secret --path headroom:credentials.{login.password}`",
        )
