"""What a run that was cut off leaves behind: a lock, operations of which nobody knows how they ended, objects that no state knows."""

from __future__ import annotations

import json
import shutil
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
    held = [_lock(path) for path in _lock_files(backend, stack)]
    return [lock for lock in held if lock is not None and not _runs_pulumi(lock.pid)]


def running(backend: Path, stack: str) -> bool:
    """Whether somebody holds the stack: its state may be in the middle of a write."""
    return bool(_lock_files(backend, stack))


def _lock_files(backend: Path, stack: str) -> list[Path]:
    return sorted((backend / ".pulumi" / "locks" / "organization" / PROJECT / stack).glob("*.json"))


def _lock(path: Path) -> Lock | None:
    """None for a lock of another host. One that was cut off while it was written belongs to nobody."""
    try:
        content = json.loads(path.read_text())
    except ValueError:
        return Lock(path, pid=0)
    return Lock(path, int(content["pid"])) if content.get("hostname") == socket.gethostname() else None


def _runs_pulumi(pid: int) -> bool:
    if pid == 0:
        return False
    try:
        return "pulumi" in psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return False


def mend_checkpoint(backend: Path, stack: str) -> bool:
    """Whether the state's file was not whole, as after a full disk or a loss of power. It is then what it was before that write, or gone.

    The `file://` backend keeps the former content beside it with the ending `.bak`.
    """
    checkpoint = backend / ".pulumi" / "stacks" / PROJECT / f"{stack}.json"
    if not checkpoint.is_file() or _is_json(checkpoint):
        return False
    former = checkpoint.with_name(f"{checkpoint.name}.bak")
    if former.is_file() and _is_json(former):
        shutil.copy2(former, checkpoint)
    else:
        checkpoint.unlink()
    return True


def mend_attributes(backend: Path, stack: str) -> bool:
    """Whether attributes of the state's files had been cut off while they were written: they are gone then, and count as none.

    The `file://` backend keeps them beside each file and empties them before it writes them, in place. With empty ones it refuses to read
    the file itself (gocloud.dev/blob/fileblob/attrs.go). Of files that are never written again, such as locks, it reads none.
    """
    cut_off = [path for path in (backend / ".pulumi" / "stacks" / PROJECT).glob(f"{stack}.json*.attrs") if not _is_json(path)]
    for path in cut_off:
        path.unlink(missing_ok=True)
    return bool(cut_off)


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text())
    except ValueError:
        return False
    return True


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
