"""What a run that was cut off leaves behind: a lock, operations of which nobody knows how they ended, objects that no state knows."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from headroom.desired.objects import Object
from headroom.settings.stack import PROJECT

Export = dict[str, Any]
"""A state as `pulumi stack export` prints it."""


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


def without_pending_creates(export: Export) -> Export | None:
    """The state without unfinished creates; None when it has none."""
    deployment = export.get("deployment") or {}
    pending = deployment.get("pending_operations") or []
    others = [operation for operation in pending if operation["type"] != "creating"]
    if len(others) == len(pending):
        return None
    return {**export, "deployment": {**deployment, "pending_operations": others}}


def unknown_to(export: Export, existing: Iterable[Object]) -> list[Object]:
    """Objects that exist and that the state does not know: created by a run that ended before it could say so."""
    resources = (export.get("deployment") or {}).get("resources") or []
    known = {_key(resource["outputs"]) for resource in resources if resource["type"].startswith("kubernetes:") and resource.get("outputs")}
    return [obj for obj in existing if _key(obj) not in known]


def _key(obj: Mapping[str, Any]) -> tuple[str, str, str]:
    return obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]
