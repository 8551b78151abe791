"""prometheus-adapter, which serves recorded series as custom.metrics.k8s.io."""

from __future__ import annotations

from functools import partial

import yaml

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import prometheus_adapter
from headroom.sandbox import pki
from headroom.sandbox.monitoring import chart
from headroom.sandbox.platform import aggregation
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.processes import prometheus_adapter as process
from headroom.sandbox.tasks import Task

VERSION = "custom.metrics.k8s.io/v1beta1"


def tasks(site: Site) -> list[Task]:
    layout, namespace = site.layout, site.platform.prometheus_adapter.namespace
    values = site.values(ADD_ON.name, prometheus_adapter.values(site.platform, KWOK))
    service = values["fullnameOverride"]
    pki.serve_as(layout, process.CERTIFICATE, f"{service}.{namespace}.svc")
    layout.adapter_config.write_text(yaml.safe_dump(chart.adapter_config(values), sort_keys=False))
    arguments = chart.adapter_arguments(values, chart.inside(chart.prometheus_url(values)))
    described = process.describe(layout, site.tools["prometheus-adapter"], arguments)
    register = partial(aggregation.serve, layout, site.api, VERSION, described.name, service, namespace)
    return [site.supervisor.task(described), site.supervisor.step("custom-metrics", (described.name,), register)]


ADD_ON = AddOn(
    "prometheusAdapter", ("prometheus-adapter",), tasks, processes=("prometheus-adapter",), registered=(aggregation.path(VERSION),)
)
