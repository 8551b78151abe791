"""Releases as Helm keeps them in the cluster: one Secret per revision.

Source: helm/helm pkg/storage/driver (secrets.go, util.go) and pkg/releaseutil, v3.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from headroom.plugins.kubernetes.client import GVK, Client, Object

DEPLOYED = "deployed"
SUPERSEDED = "superseded"
PENDING = "pending-"

_SECRET = GVK("v1", "Secret")
# Texts alone: YAML 1.1 would make more of the operator `=` that a definition allows.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Revision:
    """One revision of a release."""

    number: int
    status: str
    chart: str
    version: str
    app_version: str
    values: Object
    manifest: str
    labels: Mapping[str, str]

    @property
    def is_pending(self) -> bool:
        """Whether an operation on the release is under way, or was cut off."""
        return self.status.startswith(PENDING)


def revisions(client: Client, namespace: str, name: str) -> list[Revision]:
    """All that Helm remembers of the release, the oldest first; none when there is no such release. Raises `ClusterError`."""
    found = client.list(_SECRET, namespace, label_selector=f"owner=helm,name={name}")
    return sorted((_decoded(secret) for secret in found), key=lambda revision: revision.number)


def latest(client: Client, namespace: str, name: str) -> Revision | None:
    """The release as it is now."""
    return next(reversed(revisions(client, namespace, name)), None)


def resource_names(manifest: str) -> dict[str, list[str]]:
    """The objects of a manifest, without hooks: `Kind[.group]/apiVersion` → names, with their namespace where they say one."""
    names: dict[str, set[str]] = {}
    for obj in _objects(manifest):
        api_version, kind, metadata = obj["apiVersion"], obj["kind"], obj.get("metadata") or {}
        group = api_version.rpartition("/")[0]
        key = f"{kind}.{group}/{api_version}" if group else f"{kind}/{api_version}"
        name = metadata.get("name") or ""
        names.setdefault(key, set()).add(f"{metadata['namespace']}/{name}" if metadata.get("namespace") else name)
    return {key: sorted(names[key]) for key in sorted(names)}


def _objects(manifest: str) -> Iterator[Object]:
    for document in yaml.load_all(manifest, Loader=_LOADER):
        if isinstance(document, dict) and document.get("kind") and document.get("apiVersion"):
            yield document


def _decoded(secret: Object) -> Revision:
    # Twice: Helm's own, and that of a Secret's data.
    packed = base64.b64decode(base64.b64decode(secret["data"]["release"]))
    said: dict[str, Any] = json.loads(gzip.decompress(packed) if packed.startswith(b"\x1f\x8b") else packed)
    chart = (said.get("chart") or {}).get("metadata") or {}
    return Revision(
        number=said["version"],
        status=(said.get("info") or {}).get("status") or "unknown",
        chart=chart.get("name") or "",
        version=chart.get("version") or "",
        app_version=chart.get("appVersion") or "",
        values=said.get("config") or {},
        manifest=said.get("manifest") or "",
        labels=secret["metadata"].get("labels") or {},
    )
