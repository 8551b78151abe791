"""metrics-server, which serves CPU and memory of pods and nodes as metrics.k8s.io."""

from __future__ import annotations

from functools import partial

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import metrics_server
from headroom.sandbox import pki
from headroom.sandbox.monitoring.chart import Values
from headroom.sandbox.platform import aggregation
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.processes import metrics_server as process
from headroom.sandbox.tasks import Task

VERSION = "metrics.k8s.io/v1beta1"


def tasks(site: Site) -> list[Task]:
    layout, namespace = site.layout, site.platform.metrics_server.namespace
    values = site.values(ADD_ON.name, metrics_server.values(site.platform, KWOK))
    service = values["fullnameOverride"]
    pki.serve_as(layout, process.CERTIFICATE, f"{service}.{namespace}.svc")
    described = process.describe(layout, site.tools["metrics-server"], arguments(values))
    serve = partial(aggregation.serve, layout, site.api, VERSION, described.name, service, namespace)
    return [site.supervisor.task(described), site.supervisor.step("resource-metrics", (described.name,), serve)]


ADD_ON = AddOn("metricsServer", ("metrics-server",), tasks, processes=("metrics-server",), registered=(aggregation.path(VERSION),))


def arguments(values: Values) -> tuple[str, ...]:
    """The flags that the chart makes of its values."""
    return (*values["defaultArgs"], *values.get("args", ()))
