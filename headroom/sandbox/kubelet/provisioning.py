"""What a storage driver does in a cluster: a claim of the sandbox's class gets a volume that all nodes see and that goes with it."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from headroom.sandbox.async_api import Api, ApiError
from headroom.sandbox.kubelet.storage import SERVER, shared

_log = logging.getLogger(__name__)
STORAGE_CLASS = "shared"
_PROVISIONER = f"{SERVER}/shared"
_PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
_RECLAIM_POLICY = "Delete"
_RETRY_SECONDS = 1.0
_VOLUMES = "/api/v1/persistentvolumes"
_MODES = ["ReadWriteMany", "ReadWriteOnce", "ReadOnlyMany"]


async def run(api: Api, lasting: Path) -> None:
    """Until cancelled. `lasting` is the directory of volumes that outlive their pods."""
    await _insist(partial(api.create, "/apis/storage.k8s.io/v1/storageclasses", storage_class()))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_provide(api))
        tasks.create_task(_reclaim(api, lasting))


async def _provide(api: Api) -> None:
    async for claim in _news(api, "/api/v1/persistentvolumeclaims"):
        if wants_volume(claim):
            await _insist(partial(api.create, _VOLUMES, volume(claim)))


async def _reclaim(api: Api, lasting: Path) -> None:
    """The files go first: as long as there is the volume, it is known that they have to."""
    async for released in _news(api, _VOLUMES):
        if is_to_go(released):
            await asyncio.to_thread(shutil.rmtree, shared(lasting, released["spec"]["nfs"]["path"]), ignore_errors=True)
            metadata = released["metadata"]
            await _insist(partial(api.delete_now, f"{_VOLUMES}/{metadata['name']}", metadata["uid"]))


def storage_class() -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": STORAGE_CLASS},
        "provisioner": _PROVISIONER,
        "reclaimPolicy": _RECLAIM_POLICY,
        "volumeBindingMode": "Immediate",
    }


def wants_volume(claim: Mapping[str, Any]) -> bool:
    return claim["spec"].get("storageClassName") == STORAGE_CLASS and not claim["spec"].get("volumeName")


def is_to_go(volume: Mapping[str, Any]) -> bool:
    """Whether the claim of a volume that was made here has gone, and nobody has asked for it to be kept.

    Source: kubernetes-sigs/sig-storage-lib-external-provisioner, controller.go, shouldDelete.
    """
    metadata = volume["metadata"]
    return (
        (metadata.get("annotations") or {}).get(_PROVISIONED_BY) == _PROVISIONER
        and volume["spec"]["persistentVolumeReclaimPolicy"] == _RECLAIM_POLICY
        and (volume.get("status") or {}).get("phase") == "Released"
        and "deletionTimestamp" not in metadata
    )


def volume(claim: Mapping[str, Any]) -> dict[str, Any]:
    """For this claim alone, as large as it asks; a later claim of its name gets none of its files."""
    metadata = claim["metadata"]
    reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", **{key: metadata[key] for key in ("namespace", "name", "uid")}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"pvc-{metadata['uid']}", "annotations": {_PROVISIONED_BY: _PROVISIONER}},
        "spec": {
            "storageClassName": STORAGE_CLASS,
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": _MODES,
            "persistentVolumeReclaimPolicy": _RECLAIM_POLICY,
            "claimRef": reference,
            "nfs": {"server": SERVER, "path": f"/{metadata['namespace']}-{metadata['name']}-{metadata['uid']}"},
        },
    }


async def _news(api: Api, path: str) -> AsyncIterator[Mapping[str, Any]]:
    """Every object that there is or comes to be, and every change of it."""
    async for kind, what in api.watch(path):
        if kind != "DELETED":
            for each in what if kind == "LISTED" else [what]:
                yield each


async def _insist(request: Callable[[], Awaitable[object]]) -> None:
    """Asks until it is so: nobody asks again."""
    while True:
        try:
            await request()
            return
        except ApiError as error:
            if error.status == httpx.codes.CONFLICT:
                return
            _log.warning("%s", error)
            await asyncio.sleep(_RETRY_SECONDS)
