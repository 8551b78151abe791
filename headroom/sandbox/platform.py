"""The monitoring platform: Prometheus on the operator's configuration, prometheus-adapter behind the aggregation layer.

Its settings are the stack's: the Helm values that `headroom.desired.platform` renders, and nothing beside them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import yaml

from headroom import settings
from headroom.desired.platform import monitoring, prometheus_adapter
from headroom.sandbox import processes
from headroom.sandbox.api import DEFINITIONS, Api, wait_for
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import PORTS, Layout
from headroom.sandbox.monitoring import chart
from headroom.sandbox.supervisor import Supervisor
from headroom.sandbox.tasks import Task
from headroom.settings.platform import Monitoring

STACK = "local"
MONITORING_GROUP = "monitoring.coreos.com"
# What stacks ask for. The operator's other five kinds are four fifths of its definitions, and each costs every start seconds.
KINDS = ("podmonitors", "probes", "prometheuses", "prometheusrules", "servicemonitors")
CUSTOM_METRICS = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.custom.metrics.k8s.io"


def stack_monitoring(layout: Layout) -> Monitoring:
    """The monitoring settings of the stack `local`; the defaults in a clone without that stack."""
    stack = layout.clone.stack_file(STACK)
    if not stack.exists():
        return Monitoring()
    try:
        return settings.load(stack).platform.monitoring
    except settings.InvalidStack as error:
        raise SandboxError(str(error)) from None


def platform_tasks(
    layout: Layout, tools: Mapping[str, Path], supervisor: Supervisor, api: Api, overrides: Mapping[str, chart.Values]
) -> list[Task]:
    """What is to be done for the platform once the control plane's tasks are there; `overrides` as `Sandbox.up` takes them."""
    wanted = stack_monitoring(layout)
    namespace = wanted.namespace
    values = chart.overlaid(monitoring.values(wanted), overrides.get("monitoring", {}))
    adapter_values = chart.overlaid(prometheus_adapter.values(wanted), overrides.get("prometheusAdapter", {}))
    layout.adapter_config.write_text(yaml.safe_dump(chart.adapter_config(adapter_values), sort_keys=False))

    described = processes.platform(
        layout,
        tools,
        namespace=namespace,
        prometheus=chart.prometheus_name(values),
        adapter_arguments=chart.adapter_arguments(adapter_values),
    )
    objects = [_namespace(namespace), chart.prometheus_object(values, monitoring.RELEASE, namespace, layout)]
    return [
        supervisor.step("crds", ("kube-apiserver",), partial(_install_kinds, layout, api, tools["prometheus-operator"])),
        supervisor.step("monitoring", ("crds",), partial(api.apply_all, objects)),
        *map(supervisor.task, described),
        Task("prometheus", ("reloader",), partial(_start_prometheus, layout, tools["prometheus"], supervisor)),
        supervisor.step("custom-metrics", ("monitoring", "prometheus-adapter"), partial(_serve_custom_metrics, layout, api, namespace)),
    ]


def _namespace(name: str) -> chart.Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _install_kinds(layout: Layout, api: Api, operator: Path) -> None:
    """Applies the operator's own definitions as it prints them, and waits until the API server lists and serves them.

    The operator leaves out, for good, what is not listed when it starts.
    """
    printed = subprocess.run([operator, "crds"], capture_output=True, text=True, check=True).stdout
    wanted = definitions(printed)
    digest = hashlib.sha256(json.dumps(wanted).encode()).hexdigest()
    group = f"/apis/{MONITORING_GROUP}/v1"
    if layout.kinds.exists() and layout.kinds.read_text() == digest and api.serves(group, KINDS):
        return
    with ThreadPoolExecutor(max_workers=len(wanted)) as pool:
        list(pool.map(lambda item: api.apply_yaml(*item), wanted.items()))
    wait_for("the kinds of the Prometheus operator", 90, lambda: api.serves(group, KINDS))
    layout.kinds.write_text(digest)


def definitions(printed: str) -> dict[str, str]:
    """The documents of `KINDS`, by the URL path of each: as text, for PyYAML cannot read all that Go's YAML does."""
    documents = {
        f"{DEFINITIONS}/{name[1]}": document
        for document in re.split(r"^---\n", printed, flags=re.MULTILINE)
        if (name := re.search(rf"^  name: (\w+\.{re.escape(MONITORING_GROUP)})$", document, re.MULTILINE))
    }
    wanted = [f"{DEFINITIONS}/{kind}.{MONITORING_GROUP}" for kind in KINDS]
    if missing := [path for path in wanted if path not in documents]:
        raise SandboxError(f"`prometheus-operator crds` does not print {', '.join(missing)}")
    return {path: documents[path] for path in wanted}


def _start_prometheus(layout: Layout, binary: Path, supervisor: Supervisor) -> None:
    arguments = json.loads(layout.prometheus_arguments.read_text())
    supervisor.ensure(processes.prometheus.describe(layout, binary, arguments))


def _serve_custom_metrics(layout: Layout, api: Api, namespace: str) -> None:
    authority = base64.b64encode(layout.certificate("extensions-ca").read_bytes()).decode()
    api.apply_all(chart.custom_metrics_api(namespace, PORTS["prometheus-adapter"], authority))

    def available() -> bool:
        conditions = (api.get(CUSTOM_METRICS) or {}).get("status", {}).get("conditions", [])
        return any(condition["type"] == "Available" and condition["status"] == "True" for condition in conditions)

    wait_for("the API custom.metrics.k8s.io is Available", 60, available)
