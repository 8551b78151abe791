"""kube-state-metrics, which kube-prometheus-stack brings along and has scraped."""

from __future__ import annotations

from functools import partial
from typing import Any

from headroom.sandbox.layout import POD_GATEWAY, PORTS
from headroom.sandbox.monitoring.chart import Values
from headroom.sandbox.platform.addon import Site
from headroom.sandbox.processes import kube_state_metrics as process
from headroom.sandbox.tasks import Task

NAME = "kube-state-metrics"
_PORT = "http"


def tasks(site: Site, values: Values) -> list[Task]:
    """`values`: those of kube-prometheus-stack."""
    scraped = objects(values[NAME], site.platform.monitoring.namespace)
    return [
        site.supervisor.task(process.describe(site.layout, site.tools[NAME])),
        site.supervisor.step(f"{NAME}-monitor", ("monitoring",), partial(site.api.apply_all, scraped)),
    ]


def objects(values: Values, namespace: str) -> list[dict[str, Any]]:
    """How Prometheus comes to the process: a Service whose address is the machine's, and the chart's monitor of it."""
    labels = {"app.kubernetes.io/name": NAME}
    metadata = {"name": NAME, "namespace": namespace, "labels": labels}
    ports = [{"name": _PORT, "port": PORTS[NAME]}]
    endpoint = {"port": _PORT, "honorLabels": values["prometheus"]["monitor"]["honorLabels"]}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"clusterIP": "None", "ports": ports}},
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, "subsets": [{"addresses": [{"ip": POD_GATEWAY}], "ports": ports}]},
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "ServiceMonitor",
            "metadata": metadata,
            "spec": {"selector": {"matchLabels": labels}, "endpoints": [endpoint]},
        },
    ]
