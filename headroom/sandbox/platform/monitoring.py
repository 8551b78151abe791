"""Prometheus on the configuration that its operator makes of the cluster's monitors and rules."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from pathlib import Path

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import monitoring
from headroom.sandbox.api import Api
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring import chart
from headroom.sandbox.platform import definitions, kube_state_metrics
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.processes import prometheus, prometheus_operator, reloader
from headroom.sandbox.supervisor import Supervisor
from headroom.sandbox.tasks import Task

VERSION = "monitoring.coreos.com/v1"
# What stacks ask for. The operator's other five kinds are four fifths of its definitions, and each costs every start seconds.
KINDS = ("podmonitors", "probes", "prometheuses", "prometheusrules", "servicemonitors")


def tasks(site: Site) -> list[Task]:
    layout, api, supervisor = site.layout, site.api, site.supervisor
    namespace = site.platform.monitoring.namespace
    values = site.values(ADD_ON.name, monitoring.values(site.platform, KWOK))
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        chart.prometheus_object(values, site.platform.monitoring.release, namespace, layout),
    ]
    return [
        supervisor.step("crds", ("kube-apiserver",), partial(_install_kinds, layout, api, site.tools["prometheus-operator"])),
        supervisor.step("monitoring", ("crds",), partial(api.apply_all, objects)),
        supervisor.task(prometheus_operator.describe(layout, site.tools["prometheus-operator"])),
        supervisor.task(reloader.describe(layout, namespace, chart.prometheus_name(values))),
        Task("prometheus", ("reloader",), partial(_start_prometheus, layout, site.tools["prometheus"], supervisor)),
        *kube_state_metrics.tasks(site, values),
    ]


ADD_ON = AddOn(
    "monitoring",
    ("prometheus", "prometheus-operator", kube_state_metrics.NAME),
    tasks,
    processes=("prometheus", "reloader", "prometheus-operator", kube_state_metrics.NAME),
)


def _install_kinds(layout: Layout, api: Api, operator: Path) -> None:
    printed = subprocess.run([operator, "crds"], capture_output=True, text=True, check=True).stdout
    group = VERSION.partition("/")[0]
    definitions.install(layout, api, VERSION, definitions.select([printed], group, KINDS, "`prometheus-operator crds`"))


def _start_prometheus(layout: Layout, binary: Path, supervisor: Supervisor) -> None:
    """Its arguments are known only once the operator has run."""
    arguments = json.loads(layout.prometheus_arguments.read_text())
    supervisor.ensure(prometheus.describe(layout, binary, arguments))
