"""What a run that was cut off leaves behind: a lock, files that are not whole, operations of which nobody knows how they ended."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Mapping
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
    pid: int | None
    """None where it does not say, in a form that can be read here, which process has it."""


def stale_locks(backend: Path, stack: str) -> list[Lock]:
    """Locks of `stack` whose process is gone. A lock taken on another host, or in another form, is never stale from here."""
    return [lock for lock in _locks(backend, stack) if lock.pid is not None and not _runs_pulumi(lock.pid)]


def strange_locks(backend: Path, stack: str) -> list[Path]:
    """Locks of `stack` that do not say, in a form that can be read here, who has them: somebody else's."""
    return [lock.path for lock in _locks(backend, stack) if lock.pid is None]


def running(backend: Path, stack: str) -> bool:
    """Whether somebody holds the stack: its state may be in the middle of a write."""
    return bool(_lock_files(backend, stack))


def _lock_files(backend: Path, stack: str) -> list[Path]:
    return sorted((backend / ".pulumi" / "locks" / "organization" / PROJECT / stack).glob("*.json"))


def _locks(backend: Path, stack: str) -> list[Lock]:
    return [lock for path in _lock_files(backend, stack) if (lock := _lock(path))]


def _lock(path: Path) -> Lock | None:
    """None for a lock of another host, and for one that is gone when it is read. One that was cut off while it was written is nobody's."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        return Lock(path, pid=0)
    except OSError:
        return Lock(path, pid=None)
    if not isinstance(content, dict) or "hostname" not in content:
        return Lock(path, pid=None)
    if content.get("hostname") != socket.gethostname():
        return None
    pid = content.get("pid")
    return Lock(path, pid if isinstance(pid, int) and pid > 0 else None)


def _runs_pulumi(pid: int) -> bool:
    if pid == 0:
        return False
    try:
        return "pulumi" in psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return False


def mend_checkpoint(backend: Path, stack: str) -> bool:
    """Whether the state's file was not whole, as after a full disk or a loss of power. It is then what it was before that write, or gone.

    The `file://` backend keeps the former content beside it with the ending `.bak`. Raises `OSError` where one may not be read or written.
    """
    checkpoint = backend / ".pulumi" / "stacks" / PROJECT / f"{stack}.json"
    if not checkpoint.is_file() or not _cut_off(checkpoint):
        return False
    former = checkpoint.with_name(f"{checkpoint.name}.bak")
    if former.is_file() and not _cut_off(former):
        shutil.copy2(former, checkpoint)
    else:
        checkpoint.unlink(missing_ok=True)
    return True


def mend_attributes(backend: Path, stack: str) -> bool:
    """Whether attributes of the state's files had been cut off while they were written: they are gone then, and count as none.

    The `file://` backend keeps them beside each file and empties them before it writes them, in place. With empty ones it refuses to read
    the file itself (gocloud.dev/blob/fileblob/attrs.go). Of files that are never written again, such as locks, it reads none. Raises as
    `mend_checkpoint` does.
    """
    cut_off = [path for path in (backend / ".pulumi" / "stacks" / PROJECT).glob(f"{stack}.json*.attrs") if _cut_off(path)]
    for path in cut_off:
        path.unlink(missing_ok=True)
    return bool(cut_off)


def _cut_off(path: Path) -> bool:
    """Whether a file that is still there is not whole. Raises `OSError` where it may not be read."""
    try:
        json.loads(path.read_text())
    except FileNotFoundError:
        return False
    except ValueError:
        return True
    return False


def settled(export: Export) -> Export | None:
    """The state without operations of which it does not know how they ended; None when it has none."""
    if not _pending(export):
        return None
    return {**export, "deployment": {**export["deployment"], "pending_operations": []}}


def half_done(export: Export) -> list[Object]:
    """Objects that a run was making or deleting when it ended: it may have done so and not have said it.

    Pulumi writes what it is about to do into the state before it does it. Nothing else may be taken for a run's own: what exists under a
    name that the stack wants may be another stack's, or its user's.
    """
    pending = [each["resource"] for each in _pending(export) if each["type"] in ("creating", "deleting")]
    return [dict(inputs) for each in pending if _is_object(each["type"], inputs := each.get("inputs") or {})]


def _is_object(token: str, inputs: Mapping[str, Any]) -> bool:
    return token.startswith("kubernetes:") and bool(inputs.get("kind")) and bool((inputs.get("metadata") or {}).get("name"))


def _pending(export: Export) -> list[Mapping[str, Any]]:
    return (export.get("deployment") or {}).get("pending_operations") or []
