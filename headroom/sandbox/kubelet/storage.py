"""Directories that outlive a pod: those of its node (hostPath), and those behind a claim (persistentVolumeClaim)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headroom.sandbox.async_api import Api
from headroom.sandbox.kubelet.sources import Missing

SERVER = "sandbox.headroom.dev"
"""The NFS server that the sandbox's volumes name: it is the machine's own disk, and every node sees the same directory."""


async def lasting(api: Api, pod: Mapping[str, Any], storage: Path) -> dict[str, Path]:
    """The directory of every volume of the pod that outlives it, by the volume's name. Raises `Missing` and `ApiError`."""
    found: dict[str, Path] = {}
    for volume in pod["spec"].get("volumes") or ():
        if "hostPath" in volume:
            found[volume["name"]] = _of_node(storage, pod["spec"]["nodeName"], volume["hostPath"])
        if "persistentVolumeClaim" in volume:
            found[volume["name"]] = await _of_claim(
                api, pod["metadata"]["namespace"], volume["persistentVolumeClaim"]["claimName"], storage
            )
    return found


def link(directory: Path, lasting: Path) -> None:
    """Makes a pod's volume lead to a directory that stays, and that every user may write: no owner can be known here."""
    lasting.mkdir(parents=True, exist_ok=True)
    lasting.chmod(0o777)
    directory.unlink(missing_ok=True)
    directory.symlink_to(lasting, target_is_directory=True)


def _of_node(storage: Path, node: str, source: Mapping[str, Any]) -> Path:
    """A node's directories are below one of this machine: nothing of the machine itself is reached."""
    directory = storage / "nodes" / node / source["path"].lstrip("/")
    if ".." in directory.parts:
        raise Missing(f"hostPath {source['path']} must not contain '..'")
    if source.get("type") in ("", None, "DirectoryOrCreate") or (source["type"] == "Directory" and directory.is_dir()):
        return directory
    raise Missing(f"hostPath type check failed: {source['path']} is not a {source['type'].lower()}")


async def _of_claim(api: Api, namespace: str, name: str, storage: Path) -> Path:
    claim = await api.get(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}")
    if claim is None:
        raise Missing(f'persistentvolumeclaim "{name}" not found')
    bound = claim["spec"].get("volumeName")
    volume = await api.get(f"/api/v1/persistentvolumes/{bound}") if bound else None
    if volume is None:
        raise Missing(f'persistentvolumeclaim "{name}" is not bound')
    source = volume["spec"].get("nfs") or {}
    if source.get("server") != SERVER:
        raise Missing(f'persistentvolume "{bound}" is not one of the sandbox: its nfs.server must be {SERVER}')
    return shared(storage, source["path"])


def shared(storage: Path, path: str) -> Path:
    """The directory of a volume that all nodes share."""
    directory = storage / "shared" / path.lstrip("/")
    if ".." in directory.parts:
        raise Missing(f"nfs.path {path} must not contain '..'")
    return directory
