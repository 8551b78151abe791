"""The charts of tests/sandbox/helm with every kind that a stack's own objects are of."""

from __future__ import annotations

import json
from pathlib import Path

from headroom.catalog.charts import CHARTS
from tests.helm_charts import CONFIG_MAP, chart, definition
from tests.sandbox.helm.charts import fill

_SERVER = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: 1
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      containers: [{name: main, image: "registry.k8s.io/pause:3.10"}]
"""
_KINDS = {
    "prometheus-operator-crds": (
        "monitoring.coreos.com",
        "v1",
        {"ServiceMonitor": "servicemonitors", "PodMonitor": "podmonitors", "PrometheusRule": "prometheusrules"},
    ),
    "keda": ("keda.sh", "v1alpha1", {"ScaledObject": "scaledobjects", "TriggerAuthentication": "triggerauthentications"}),
    "traefik": (
        "traefik.io",
        "v1alpha1",
        {"IngressRoute": "ingressroutes", "Middleware": "middlewares", "ServersTransport": "serverstransports"},
    ),
}


def publish(directory: Path) -> None:
    """Every pinned chart, and what a mirror holds beside them."""
    for pinned in CHARTS.values():
        files = {"templates/values.yaml": CONFIG_MAP}
        if pinned.name != "prometheus-operator-crds":
            files["templates/server.yaml"] = _SERVER
        group, version, kinds = _KINDS.get(pinned.name, ("", "", {}))
        for kind, plural in kinds.items():
            files[f"crds/{plural}.yaml"] = json.dumps(definition(plural, kind, group, versions=(version,)))
        chart(directory, pinned.name, pinned.version, files)
    fill(directory, *CHARTS.values())
