"""What an interrupted run leaves behind: a lock, and creates of which nobody knows how they ended."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from headroom.settings.stack import PROJECT


@dataclass(frozen=True)
class Lock:
    """A lock file of the `file://` backend."""

    path: Path
    pid: int


def stale_locks(backend: Path, stack: str) -> list[Lock]:
    """Locks of `stack` whose process is gone. A lock taken on another host is never stale from here."""
    held = [_lock(path) for path in sorted((backend / ".pulumi" / "locks" / "organization" / PROJECT / stack).glob("*.json"))]
    return [lock for lock in held if lock is not None and not _runs_pulumi(lock.pid)]


def _lock(path: Path) -> Lock | None:
    content = json.loads(path.read_text())
    return Lock(path, int(content["pid"])) if content.get("hostname") == socket.gethostname() else None


def _runs_pulumi(pid: int) -> bool:
    try:
        return "pulumi" in psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True)
class PendingCreate:
    """A Kubernetes object that was being created when its run ended."""

    urn: str
    resource: str
    """As kubectl takes it: kind, version and group."""
    name: str
    namespace: str

    @property
    def id(self) -> str:
        """The provider's id: `namespace/name`, or the name of what has no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def pending_creates(export: dict[str, Any]) -> list[PendingCreate]:
    """The unfinished creates in a state as `pulumi stack export` prints it."""
    operations = (export.get("deployment") or {}).get("pending_operations") or []
    return [_create(op["resource"]) for op in operations if op["type"] == "creating" and op["resource"]["type"].startswith("kubernetes:")]


def _create(resource: dict[str, Any]) -> PendingCreate:
    inputs = resource["inputs"]
    group, _, version = inputs["apiVersion"].rpartition("/")
    kind = f"{inputs['kind']}.{version}.{group}" if group else inputs["kind"]
    return PendingCreate(resource["urn"], kind, inputs["metadata"]["name"], inputs["metadata"].get("namespace", ""))
