"""Charts in the place of the platform's own: named and versioned as those, small, and of the values that a stack renders for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from headroom.catalog.charts import CHARTS, Chart
from headroom.charts import Mirror
from tests.helm_charts import CONFIG_MAP, chart, definition

# The name, the priority class and the replicas as the chart's own values say them; what is selected is of this version's choice.
_DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Values.fullnameOverride | default .Release.Name }}
spec:
  replicas: 1
  selector: {matchLabels: {SELECTED: {{ .Release.Name }}}}
  template:
    metadata: {labels: {SELECTED: {{ .Release.Name }}}}
    spec:
      priorityClassName: {{ .Values.priorityClassName | default "" | quote }}
      tolerations: [{operator: Exists}]
      containers: [{name: main, image: "registry.k8s.io/pause:3.10"}]
"""
_WATCHED = """{{- if .Values.prometheus.operator.serviceMonitor.enabled }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ .Release.Name }}
spec: {interval: {{ .Values.prometheus.operator.serviceMonitor.interval }}}
{{- end }}
"""

_MONITORING = ("monitoring.coreos.com", {"ServiceMonitor": "servicemonitors", "PodMonitor": "podmonitors"})
_KEDA = ("keda.sh", {"ScaledObject": "scaledobjects"})
_BESIDE = {
    "traefik": ("traefik.io", {"IngressRoute": "ingressroutes"}),
    "lws": ("leaderworkerset.x-k8s.io", {"LeaderWorkerSet": "leaderworkersets"}),
    "gpu-operator": ("nvidia.com", {"ClusterPolicy": "clusterpolicies"}),
}
"""Definitions in the directory `crds` of a chart: group, and plurals by kind."""


def publish(directory: Path) -> None:
    """Every pinned chart, and what a mirror holds beside them."""
    for pinned in CHARTS.values():
        package(directory, pinned.name, pinned.version)
    fill(directory, *CHARTS.values())


def fill(directory: Path, *charts: Chart) -> None:
    """What `headroom charts` does where the charts are there already: nothing is fetched."""
    Mirror(directory).fill(charts, report=lambda _: None)


def package(directory: Path, name: str, version: str, *, selected: str = "app", serves: Sequence[str] = ("v1",)) -> Path:
    """`selected`: the label that pods are selected by, which an object can never change; `serves`: the versions of its kinds."""
    files = {"templates/values.yaml": CONFIG_MAP}
    if name == "prometheus-operator-crds":
        return chart(directory, name, version, _templates(*_MONITORING, "crds.annotations", serves))
    files["templates/server.yaml"] = _DEPLOYMENT.replace("SELECTED", selected)
    if name == "keda":
        files |= _templates(*_KEDA, "crds.additionalAnnotations", ("v1alpha1",)) | {"templates/watched.yaml": _WATCHED}
    if name in _BESIDE:
        group, kinds = _BESIDE[name]
        files |= {f"crds/{plural}.yaml": json.dumps(definition(plural, kind, group, versions=serves)) for kind, plural in kinds.items()}
    return chart(directory, name, version, files)


def _templates(group: str, kinds: dict[str, str], annotations: str, versions: Sequence[str]) -> dict[str, str]:
    """Definitions among the templates, with the annotations that a value gives."""
    files = {}
    for kind, plural in kinds.items():
        text = json.dumps(definition(plural, kind, group, versions=versions, keep=True))
        given = "{{ .Values." + annotations + " | toJson }}"
        files[f"templates/{plural}.yaml"] = text.replace('{"helm.sh/resource-policy": "keep"}', given)
    return files
