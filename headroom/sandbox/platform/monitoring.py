"""Prometheus on the configuration that its operator makes of the cluster's monitors and rules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
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

GROUP = "monitoring.coreos.com"
# What stacks ask for. The operator's other five kinds are four fifths of its definitions, and each costs every start seconds.
KINDS = {"v1": ("podmonitors", "probes", "prometheuses", "prometheusrules", "servicemonitors")}
# The operator serves no Alertmanager without both.
ALERTMANAGER_KINDS = {"v1": ("alertmanagers",), "v1alpha1": ("alertmanagerconfigs",)}


def tasks(site: Site) -> list[Task]:
    layout, api, supervisor = site.layout, site.api, site.supervisor
    namespace, alerted = site.platform.monitoring.namespace, bool(site.platform.monitoring.receivers)
    values = site.values(ADD_ON.name, monitoring.values(site.platform, KWOK))
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        chart.prometheus_object(values, site.platform.monitoring.release, namespace, layout, alerted=alerted),
    ]
    return [
        supervisor.step("crds", ("kube-apiserver",), partial(_install_kinds, layout, api, site.tools["prometheus-operator"], alerted)),
        supervisor.step("monitoring", ("crds",), partial(api.apply_all, objects)),
        supervisor.task(
            prometheus_operator.describe(layout, site.tools["prometheus-operator"], definitions=_names(KINDS, ALERTMANAGER_KINDS))
        ),
        supervisor.task(reloader.describe(layout, "reloader", "prometheus", namespace, chart.prometheus_name(values), needs="monitoring")),
        Task("prometheus", ("reloader",), partial(_start_prometheus, layout, site.tools["prometheus"], supervisor)),
        *kube_state_metrics.tasks(site, values),
    ]


ADD_ON = AddOn(
    "monitoring",
    ("prometheus", "prometheus-operator", kube_state_metrics.NAME),
    tasks,
    processes=("prometheus", "reloader", "prometheus-operator", kube_state_metrics.NAME),
)


def _install_kinds(layout: Layout, api: Api, operator: Path, alerted: bool) -> None:
    printed = subprocess.run([operator, "crds"], capture_output=True, text=True, check=True).stdout
    for version, kinds in (*KINDS.items(), *(ALERTMANAGER_KINDS.items() if alerted else ())):
        definitions.install(layout, api, f"{GROUP}/{version}", definitions.select([printed], GROUP, kinds, "`prometheus-operator crds`"))


def _names(*kinds: Mapping[str, Iterable[str]]) -> list[str]:
    return [f"{kind}.{GROUP}" for by_version in kinds for some in by_version.values() for kind in some]


def _start_prometheus(layout: Layout, binary: Path, supervisor: Supervisor) -> None:
    """Its arguments are known only once the operator has run."""
    arguments = json.loads(layout.prometheus_arguments.read_text())
    supervisor.ensure(prometheus.describe(layout, binary, arguments))
