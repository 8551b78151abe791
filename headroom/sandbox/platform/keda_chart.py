"""What the chart keda makes of its values, as far as the sandbox runs it: the programs' environment, and how the operator is scraped.

Source: kedacore/charts keda/templates/manager (deployment.yaml, service.yaml, servicemonitor.yaml) and keda/templates/metrics-server.
"""

from __future__ import annotations

from headroom.sandbox.layout import POD_GATEWAY, PORTS
from headroom.sandbox.monitoring.chart import Object, Values

OPERATOR = "keda-operator"


def environment(values: Values, namespace: str) -> dict[str, str]:
    """Of both programs."""
    return {
        "WATCH_NAMESPACE": values["watchNamespace"],
        "POD_NAMESPACE": namespace,
        "KEDA_CLUSTER_OBJECT_NAMESPACE": namespace,
        "KEDA_HTTP_DEFAULT_TIMEOUT": str(values["http"]["timeout"]),
    }


def scraped(values: Values, namespace: str) -> list[Object]:
    """The operator's Service and its ServiceMonitor, where the values want them.

    In place of pods, the Service has the address that the process has among the pods.
    """
    prometheus = values["prometheus"]["operator"]
    monitor = prometheus["serviceMonitor"]
    if not (prometheus["enabled"] and monitor["enabled"]):
        return []
    labels = {"app": OPERATOR}
    place = {"name": OPERATOR, "namespace": namespace, "labels": labels}
    port = {"name": "metrics", "port": PORTS["keda-operator-metrics"], "protocol": "TCP"}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": place, "spec": {"ports": [port]}},
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": place, "subsets": [{"addresses": [{"ip": POD_GATEWAY}], "ports": [port]}]},
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "ServiceMonitor",
            "metadata": {**place, "labels": {**labels, **monitor["additionalLabels"]}},
            "spec": {
                "endpoints": [{"port": "metrics", "path": "/metrics", "interval": monitor["interval"]}],
                "namespaceSelector": {"matchNames": [namespace]},
                "selector": {"matchLabels": labels},
            },
        },
    ]
