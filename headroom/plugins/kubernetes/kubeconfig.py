"""Kubeconfig text, path or ambient files → the one server that is meant and how to prove who we are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from headroom import yaml_text
from headroom.plugins.kubernetes.errors import Unreachable

NOTHING_CONFIGURED = "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable"

NOT_COVERED = {
    "cluster": ("proxy-url",),
    "user": ("as", "as-groups", "as-uid", "as-user-extra", "auth-provider"),
}
"""What changes the way to a cluster, or who is asking there."""

_SECTIONS = {"clusters": "cluster", "contexts": "context", "users": "user"}
"""The lists of a kubeconfig, and what an entry holds beside its name."""


@dataclass(frozen=True)
class Target:
    """A context of a kubeconfig, resolved: its cluster, its user and its namespace ("" when it names none)."""

    cluster: dict[str, Any]
    user: dict[str, Any] = field(default_factory=dict)
    namespace: str = ""

    @property
    def server(self) -> str:
        return str(self.cluster.get("server") or "")


def load(text_or_path: str | None) -> dict[str, Any]:
    """The kubeconfig as a document.

    `text_or_path` is either; without it the files where one is looked for.
    Raises `Unreachable` when the text is not a kubeconfig.
    """
    if not text_or_path:
        return as_one(files())
    path = Path(os.path.expanduser(text_or_path)) if "\n" not in text_or_path else None
    # A text may be too long for a name: that is no error to `os.path`.
    if path is not None and os.path.isfile(path):
        return _read(path)
    return parse(text_or_path)


def files(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Where a kubeconfig is looked for: the files that `$KUBECONFIG` lists, or else the user's own."""
    listed = environment.get("KUBECONFIG")
    return [Path(os.path.expanduser(name)) for name in (listed.split(os.pathsep) if listed else ["~/.kube/config"]) if name]


def as_one(paths: Iterable[Path]) -> dict[str, Any]:
    """Kubeconfigs as one document: of what several have, the first one's. Files that are not there have nothing. Raises `Unreachable`."""
    whole: dict[str, Any] = {}
    for document in [_read(path) for path in paths if path.is_file()]:
        lists = {key: _merged(whole[key], document[key]) for key in _SECTIONS if whole.get(key) and document.get(key)}
        whole = {**whole, **document, **{key: value for key, value in whole.items() if value}, **lists}
    return whole


def text(paths: Iterable[Path]) -> str:
    """The same as the text of one kubeconfig, to be read in any directory."""
    there = [path for path in paths if path.is_file()]
    document = as_one(there)
    # A file that says all of it stays as it is written: for who is given the text, another spelling would be a change.
    if len(there) == 1 and yaml_text.load(there[0].read_text()) == document:
        return there[0].read_text()
    return yaml.safe_dump(document, sort_keys=False)


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
    for section, key in _SECTIONS.items():
        if not _are_entries(document.get(section) or [], key):
            raise Unreachable(f"failed to parse kubeconfig: {section} is no list of mappings")
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
    user = _entry(document, "users", "user", chosen.get("user") or "") or {}
    target = Target(found, user, chosen.get("namespace") or "")
    scheme(target.server)
    return target


def scheme(server: str) -> str:
    """How the server of a cluster is talked to: `http` or `https`. Raises `Unreachable` where it is no URL."""
    try:
        where = urlsplit(server)
        where.port  # noqa: B018 - raises where it is no number
    except ValueError:
        where = urlsplit("")
    if where.scheme not in ("http", "https") or not where.hostname:
        raise Unreachable("server of the kubeconfig is no URL")
    return where.scheme


def not_covered(target: Target) -> str | None:
    """Why a target cannot be asked, though others may reach it."""
    for kind, entry in (("cluster", target.cluster), ("user", target.user)):
        for key in NOT_COVERED[kind]:
            if entry.get(key):
                return f"headroom does not read `{key}` of a kubeconfig's {kind}: name a context without it"
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
    except OSError as error:
        raise Unreachable(f"unable to read {path}: {error.strerror}") from None
    except ValueError:
        raise Unreachable(f"unable to read {path}: it is no text") from None
    return parse(text, path.resolve().parent)


def _merged(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {entry.get("name") for entry in ours}
    return [*ours, *(entry for entry in theirs if entry.get("name") not in known)]


def _are_entries(found: Any, key: str) -> bool:
    return isinstance(found, list) and all(isinstance(entry, dict) and isinstance(entry.get(key) or {}, dict) for entry in found)


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
                    values[name] = str(directory / str(values[name]))
            plugin = values.get("exec")
            if isinstance(plugin, dict) and os.sep in str(plugin.get("command")):
                plugin["command"] = str(directory / plugin["command"])
    return document


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
