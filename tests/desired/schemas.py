"""The schemas by which a real API server judges, made strict: a field that it would drop or refuse is an error here.

Kubernetes' own are in the module that its programs are built from; those of custom resources are printed by their operator.
"""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from headroom.tools import find, golang, pins, require
from headroom.tools.cache import Cache

Schema = dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """Reads a bare `=` as the text that Kubernetes takes it for (YAML 1.1 made it a type of its own)."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def errors(item: dict[str, Any], scratch: Path) -> list[str]:
    """What the API server would not accept of an object, each with its path."""
    version, kind = item["apiVersion"], item["kind"]
    schema = _builtin(version, kind, scratch) if is_builtin(version) else _custom_kinds(version.partition("/")[0])[version, kind]
    found = Draft202012Validator(schema).iter_errors(item)
    return [f"{error.json_path}: {error.message}" for error in found]


def errors_by(definition: dict[str, Any], item: dict[str, Any]) -> list[str]:
    """What an API server with this CustomResourceDefinition would not accept of an object, each with its path."""
    version = next(version for version in definition["spec"]["versions"] if item["apiVersion"].endswith(f"/{version['name']}"))
    found = Draft202012Validator(_strict(version["schema"]["openAPIV3Schema"])).iter_errors(item)
    return [f"{error.json_path}: {error.message}" for error in found]


def is_builtin(api_version: str) -> bool:
    """Whether a kind is one of Kubernetes itself: its groups have no dot, or end in `.k8s.io`."""
    group = api_version.rpartition("/")[0]
    return "." not in group or (group.endswith(".k8s.io") and not group.endswith("x-k8s.io"))


def _builtin(api_version: str, kind: str, scratch: Path) -> Schema:
    document = _document(api_version, scratch)
    group, _, version = api_version.rpartition("/")
    wanted = {"group": group, "kind": kind, "version": version}
    name = next(n for n, s in document["schemas"].items() if wanted in s.get("x-kubernetes-group-version-kind", []))
    return {"$ref": f"#/components/schemas/{name}", "components": document}


@cache
def _document(api_version: str, scratch: Path) -> Schema:
    file = f"apis__{api_version.replace('/', '__')}" if "/" in api_version else f"api__{api_version}"
    path = _kubernetes_sources(scratch) / "api" / "openapi-spec" / "v3" / f"{file}_openapi.json"
    return _strict(json.loads(path.read_text())["components"])


@cache
def _kubernetes_sources(scratch: Path) -> Path:
    """Where Go keeps the module; fetched when its cache was emptied."""
    go = find("go") or require("go")["go"]
    said = subprocess.run(
        [go, "mod", "download", "-json", "k8s.io/kubernetes"],
        cwd=pins.toolchain() / "kubernetes",
        env=golang.environment(go, Cache.default(), scratch),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    ).stdout
    return Path(json.loads(said)["Dir"])


_DEFINED_BESIDE = {
    "keda.sh": "keda-operator",
    "traefik.io": "traefik",
    "leaderworkerset.x-k8s.io": "lws",
    "karpenter.sh": "karpenter",
    "karpenter.kwok.sh": "karpenter",
}
"""Group → the tool beside whose binary its definitions lie."""


@cache
def _custom_kinds(group: str) -> dict[tuple[str, str], Schema]:
    documents = [document for document in yaml.load_all(_definitions(group), Loader=_Loader) if document]
    # Beside LeaderWorkerSet's lies what kustomize makes of it.
    specs = [document["spec"] for document in documents if document["kind"] == "CustomResourceDefinition"]
    return {
        (f"{spec['group']}/{version['name']}", spec["names"]["kind"]): _strict(version["schema"]["openAPIV3Schema"])
        for spec in specs
        for version in spec["versions"]
    }


def _definitions(group: str) -> str:
    if group in _DEFINED_BESIDE:
        tool = _DEFINED_BESIDE[group]
        return "\n---\n".join(path.read_text() for path in sorted(require(tool)[tool].parent.glob("*.y*ml")))
    operator = require("prometheus-operator")["prometheus-operator"]
    return subprocess.run([operator, "crds"], capture_output=True, text=True, check=True, timeout=60).stdout


def _strict(node: Any) -> Any:
    """The schema with no field allowed beside those that it names."""
    if isinstance(node, list):
        return [_strict(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _strict(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and "type" in node and not node.get("x-kubernetes-preserve-unknown-fields"):
        closed.setdefault("additionalProperties", False)
    return closed
