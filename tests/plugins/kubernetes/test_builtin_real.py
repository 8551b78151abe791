"""The generated table of kinds against what the API server of the sandbox says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headroom.plugins.kubernetes.builtin import fields_of, is_namespaced, type_of
from headroom.plugins.kubernetes.client import GVK, Client

pytestmark = pytest.mark.tools

KINDS = [
    GVK("v1", "ConfigMap"),
    GVK("v1", "Namespace"),
    GVK("v1", "Node"),
    GVK("v1", "Pod"),
    GVK("v1", "Secret"),
    GVK("v1", "Service"),
    GVK("v1", "ServiceAccount"),
    GVK("apps/v1", "DaemonSet"),
    GVK("apps/v1", "Deployment"),
    GVK("apps/v1", "StatefulSet"),
    GVK("autoscaling/v2", "HorizontalPodAutoscaler"),
    GVK("batch/v1", "CronJob"),
    GVK("batch/v1", "Job"),
    GVK("networking.k8s.io/v1", "Ingress"),
    GVK("networking.k8s.io/v1", "NetworkPolicy"),
    GVK("policy/v1", "PodDisruptionBudget"),
    GVK("rbac.authorization.k8s.io/v1", "ClusterRole"),
    GVK("scheduling.k8s.io/v1", "PriorityClass"),
    GVK("storage.k8s.io/v1", "StorageClass"),
]


@pytest.fixture(scope="module")
def client(kubeconfig: Path) -> Client:
    return Client.from_kubeconfig(str(kubeconfig))


@pytest.mark.parametrize("gvk", KINDS, ids=lambda gvk: gvk.kind)
def test_the_fields_are_the_servers(client: Client, gvk: GVK) -> None:
    root = "apis" if gvk.group else "api"
    schemas = client.get_path(f"/openapi/v3/{root}/{gvk.api_version}")["components"]["schemas"]
    [top] = [schema for schema in schemas.values() if _describes(schema, gvk)]
    assert list(_differences(type_of(gvk), top, schemas, gvk.kind, set())) == []


@pytest.mark.parametrize("gvk", KINDS, ids=lambda gvk: gvk.kind)
def test_the_scope_is_the_servers(client: Client, gvk: GVK) -> None:
    assert is_namespaced(gvk) == client.mapping(gvk).namespaced


def _describes(schema: dict[str, Any], gvk: GVK) -> bool:
    version = gvk.api_version.rpartition("/")[2]
    wanted = {"group": gvk.group, "version": version, "kind": gvk.kind}
    return wanted in schema.get("x-kubernetes-group-version-kind", []) and "metadata" in schema.get("properties", {})


def _differences(spec: Any, schema: dict[str, Any], schemas: dict[str, Any], path: str, seen: set[str]) -> Iterator[str]:
    """Paths whose fields the table and the server name differently."""
    schema = _resolved(schema, schemas)
    if isinstance(spec, list):
        yield from _differences(spec[0], schema["items"], schemas, f"{path}[]", seen)
    elif isinstance(spec, dict):
        yield from _differences(spec["*"], schema["additionalProperties"], schemas, f"{path}.*", seen)
    elif isinstance(spec, str) and spec.startswith("@") and spec not in seen:
        seen.add(spec)
        ours, theirs = fields_of(spec), schema.get("properties", {})
        if ours.keys() != theirs.keys():
            yield f"{path}: {sorted(ours.keys() ^ theirs.keys())}"
        for name in ours.keys() & theirs.keys():
            yield from _differences(ours[name][0], theirs[name], schemas, f"{path}.{name}", seen)


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or "allOf" in schema:
        schema = schema["allOf"][0] if "allOf" in schema else schemas[schema["$ref"].rpartition("/")[2]]
    return schema
