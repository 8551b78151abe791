"""Helm charts made by tests, packaged as `helm package` packages them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

RUNS = "registry.k8s.io/pause:3.10"
"""An image that the sandbox's nodes run."""

CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-values
data:
  values: {{ .Values | toJson | quote }}
"""

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: 1
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      containers: [{name: main, image: {{ .Values.image | default "registry.k8s.io/pause:3.10" | quote }}}]
"""


def definition(
    plural: str, kind: str, group: str = "example.com", *, versions: Sequence[str] = ("v1",), keep: bool = False
) -> dict[str, Any]:
    """A custom resource definition that takes everything; the first of `versions` is the one that is stored."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", **({"annotations": {"helm.sh/resource-policy": "keep"}} if keep else {})},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [
                {"name": name, "served": True, "storage": name == versions[0], "schema": {"openAPIV3Schema": schema}} for name in versions
            ],
        },
    }


def chart(directory: Path, name: str, version: str, files: Mapping[str, str] | None = None, **about: Any) -> Path:
    """The packaged chart `directory/NAME-VERSION.tgz`; `files` by their path in the chart."""
    metadata = {"apiVersion": "v2", "name": name, "version": version, "appVersion": "1", **about}
    contents = {"Chart.yaml": yaml.safe_dump(metadata), "values.yaml": "{}\n", **(files or {"templates/values.yaml": CONFIG_MAP})}
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}-{version}.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for inside, text in contents.items():
            member = tarfile.TarInfo(f"{name}/{inside}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path
