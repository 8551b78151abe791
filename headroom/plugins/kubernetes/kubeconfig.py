"""Kubeconfig text, path or ambient files → the one server that is meant and how to prove who we are."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from headroom import yaml_text
from headroom.plugins.kubernetes.errors import Unreachable

NOTHING_CONFIGURED = "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable"


@dataclass(frozen=True)
class Target:
    """A context of a kubeconfig, resolved: its cluster, its user and its namespace ("" when it names none)."""

    cluster: dict[str, Any]
    user: dict[str, Any] = field(default_factory=dict)
    namespace: str = ""

    @property
    def server(self) -> str:
        return self.cluster.get("server", "")


def load(text_or_path: str | None) -> dict[str, Any]:
    """The kubeconfig as a document.

    `text_or_path` is either; without it `$KUBECONFIG` (a list of files, merged, the first one wins) or `~/.kube/config`.
    Raises `Unreachable` when the text is not a kubeconfig.
    """
    if not text_or_path:
        return _ambient()
    path = Path(text_or_path).expanduser() if "\n" not in text_or_path and len(text_or_path) < 4096 else None
    if path is not None and path.is_file():
        return _read(path)
    return parse(text_or_path)


def parse(text: str, directory: Path | None = None) -> dict[str, Any]:
    """Kubeconfig text as a document, relative file names resolved against `directory`. Raises `Unreachable`."""
    try:
        document = yaml_text.load(text)
    except yaml.YAMLError as error:
        raise Unreachable(f"failed to parse kubeconfig: {_first_line(error)}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise Unreachable("failed to parse kubeconfig: it is neither the path of a file nor a YAML mapping")
    return _absolute(document, directory) if directory else document


def select(document: dict[str, Any], *, context: str = "", cluster: str = "") -> Target:
    """The target that `context` (default: the current one) and `cluster` (overriding the context's) mean.

    Raises `Unreachable` with client-go's words when the document does not hold what is asked for.
    """
    if not document.get("clusters"):
        raise Unreachable(NOTHING_CONFIGURED)
    wanted = context or document.get("current-context") or ""
    chosen = _entry(document, "contexts", "context", wanted)
    if chosen is None:
        if wanted:
            raise Unreachable(f'context "{wanted}" does not exist')
        chosen = {}
    cluster_name = cluster or chosen.get("cluster") or ""
    found = _entry(document, "clusters", "cluster", cluster_name)
    if found is None:
        raise Unreachable(f'cluster "{cluster_name}" does not exist' if cluster_name else NOTHING_CONFIGURED)
    return Target(found, _entry(document, "users", "user", chosen.get("user") or "") or {}, chosen.get("namespace") or "")


def _ambient() -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if os.environ.get("KUBECONFIG") else ["~/.kube/config"]:
        path = Path(name).expanduser()
        if name and path.is_file():
            document = _read(path)
            for section in ("clusters", "contexts", "users"):
                merged.setdefault(section, []).extend(document.get(section) or [])
            if not merged.get("current-context"):
                merged["current-context"] = document.get("current-context") or ""
    return merged


def _read(path: Path) -> dict[str, Any]:
    return parse(path.read_text(), path.resolve().parent)


def _entry(document: dict[str, Any], section: str, key: str, name: str) -> dict[str, Any] | None:
    for item in document.get(section) or []:
        if item.get("name") == name:
            return item.get(key) or {}
    return None


def _absolute(document: dict[str, Any], directory: Path) -> dict[str, Any]:
    paths = {"clusters": ("cluster", ["certificate-authority"]), "users": ("user", ["client-certificate", "client-key", "tokenFile"])}
    for section, (key, names) in paths.items():
        for item in document.get(section) or []:
            values = item.get(key) or {}
            for name in names:
                if values.get(name):
                    values[name] = str(directory / values[name])
    return document


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
