"""KEDA: its operator, and its metrics server behind external.metrics.k8s.io."""

from __future__ import annotations

import shutil
from functools import partial
from typing import Any

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import keda
from headroom.sandbox import pki
from headroom.sandbox.identities import user_of
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring.chart import hosts
from headroom.sandbox.platform import aggregation, definitions, keda_chart
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.processes import keda_adapter, keda_operator
from headroom.sandbox.tasks import Task
from headroom.settings.platform import Mode

VERSION = "external.metrics.k8s.io/v1beta1"
SERVICE = "keda-operator-metrics-apiserver"
KINDS = {
    "keda.sh": ("clustertriggerauthentications", "scaledjobs", "scaledobjects", "triggerauthentications"),
    "eventing.keda.sh": ("cloudeventsources", "clustercloudeventsources"),
}


def tasks(site: Site) -> list[Task]:
    layout, tools, supervisor, platform = site.layout, site.tools, site.supervisor, site.platform
    namespace = platform.keda.namespace
    values = site.values(ADD_ON.name, keda.values(platform, KWOK))
    layout.hosts.write_text(hosts(platform.monitoring.namespace))
    pki.serve_as(layout, "keda", f"{SERVICE}.{namespace}.svc")
    _write_certificates(layout)
    operator = keda_operator.describe(layout, tools["keda-operator"], keda_chart.environment(values, namespace))
    adapter = keda_adapter.describe(layout, tools["keda-adapter"], keda_chart.environment(values, namespace))
    monitors = keda_chart.scraped(values, namespace) if platform.monitoring.mode is not Mode.NONE else []
    return [
        supervisor.step("keda", ("kube-apiserver",), partial(_prepare, site, namespace)),
        *([supervisor.step("keda-metrics", ("keda", "crds"), partial(site.put, ADD_ON.name, monitors))] if monitors else []),
        supervisor.task(operator),
        supervisor.task(adapter),
        supervisor.step(
            "external-metrics", (adapter.name,), partial(aggregation.serve, layout, site.api, VERSION, adapter.name, SERVICE, namespace)
        ),
    ]


ADD_ON = AddOn(
    "keda", ("keda-operator", "keda-adapter"), tasks, processes=("keda-adapter", "keda-operator"), registered=(aggregation.path(VERSION),)
)


def _prepare(site: Site, namespace: str) -> None:
    texts = [path.read_text() for path in sorted(site.tools["keda-operator"].parent.glob("*.yaml"))]
    for group, kinds in KINDS.items():
        found = definitions.select(texts, group, kinds, "KEDA's module")
        definitions.install(site.layout, site.api, f"{group}/v1alpha1", found)
    site.api.apply_all(_access(namespace))


def _access(namespace: str) -> list[dict[str, Any]]:
    """Its namespace, in which it may read Secrets."""
    place = {"name": "headroom:keda-operator:secrets", "namespace": namespace}
    group = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {
            "apiVersion": f"{group}/v1",
            "kind": "Role",
            "metadata": place,
            "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}],
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": place,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": place["name"]},
            "subjects": [{"apiGroup": group, "kind": "User", "name": user_of("keda-operator")}],
        },
    ]


def _write_certificates(layout: Layout) -> None:
    """Under the names that both programs look for."""
    layout.keda_certificates.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(layout.certificate("extensions-ca"), layout.keda_certificates / "ca.crt")
    shutil.copy(layout.certificate("keda"), layout.keda_certificates / "tls.crt")
    shutil.copy(layout.key("keda"), layout.keda_certificates / "tls.key")
