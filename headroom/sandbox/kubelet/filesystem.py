"""A container's root file system as a list of operations, in order; `container.py` carries them out in a mount namespace of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from headroom.sandbox.kubelet.runtimes import Runtime

Operation = tuple[Any, ...]

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/ssl", "/etc/ca-certificates")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


@dataclass(frozen=True)
class Mount:
    """A volume in a container: a directory or file of this machine, or (`source` None) memory of at most `size` bytes."""

    target: str
    source: str | None
    readonly: bool = False
    size: int | None = None


def operations(runtime: Runtime, mounts: Iterable[Mount], settings: Mapping[str, str], user: int) -> list[Operation]:
    """The system's directories read-only, then what the image adds, then the pod's volumes, outer mount paths first.

    `settings` are files by path.
    """
    return [
        *_system(),
        ("directory", "/tmp", 0o1777),
        ("directory", "/var/tmp", 0o1777),
        ("directory", "/run", 0o755),
        ("directory", "/root", 0o755),
        *(("bind", path, path, True) for path in _SETTINGS if os.path.exists(path)),
        ("write", "/etc/passwd", _passwd(user), 0o644),
        ("write", "/etc/group", f"root:x:0:\nuser:x:{user}:\n" if user else "root:x:0:\n", 0o644),
        *(("write", path, text, 0o644) for path, text in settings.items()),
        ("proc", "/proc"),
        *_devices(),
        *(("bind", bind.source, bind.target, True) for bind in runtime.binds),
        *(("write", path, text, 0o755) for path, text in runtime.programs.items()),
        *(_mount(mount) for mount in sorted(mounts, key=lambda mount: mount.target.count("/"))),
    ]


def _system() -> Iterable[Operation]:
    """Debian and its kin have links (/bin → usr/bin), others directories."""
    for path in _SYSTEM:
        if os.path.islink(path):
            yield ("link", path, os.readlink(path))
        elif os.path.isdir(path):
            yield ("bind", path, path, True)


def _devices() -> Iterable[Operation]:
    """Bound and not made: a user namespace may not make device nodes."""
    yield ("tmpfs", "/dev", "mode=0755,size=64k")
    yield from (("bind", f"/dev/{name}", f"/dev/{name}", False) for name in _DEVICES)
    yield from (("link", f"/dev/{name}", f"/proc/self/fd{number}") for name, number in _STREAMS.items())
    yield ("tmpfs", "/dev/shm", "mode=1777,size=64m")


_STREAMS = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}


def _mount(mount: Mount) -> Operation:
    if mount.source is not None:
        return ("bind", mount.source, mount.target, mount.readonly)
    limit = f",size={mount.size}" if mount.size else ""
    return ("tmpfs", mount.target, f"mode=1777{limit}")


def _passwd(user: int) -> str:
    other = f"user:x:{user}:{user}::/:/bin/sh\n" if user else ""
    return "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n" + other
