"""What a storage driver does in a cluster: a claim of the sandbox's storage class gets a volume that every node sees."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import httpx

from headroom.sandbox.async_api import Api, ApiError
from headroom.sandbox.kubelet.storage import SERVER

_log = logging.getLogger(__name__)
STORAGE_CLASS = "shared"
_PROVISIONER = f"{SERVER}/shared"
_RETRY_SECONDS = 1.0
_MODES = ["ReadWriteMany", "ReadWriteOnce", "ReadOnlyMany"]


async def run(api: Api) -> None:
    """Until cancelled."""
    await _create(api, "/apis/storage.k8s.io/v1/storageclasses", storage_class())
    async for kind, what in api.watch("/api/v1/persistentvolumeclaims"):
        if kind != "DELETED":
            for claim in what if kind == "LISTED" else [what]:
                if wants_volume(claim):
                    await _create(api, "/api/v1/persistentvolumes", volume(claim))


def storage_class() -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": STORAGE_CLASS},
        "provisioner": _PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }


def wants_volume(claim: Mapping[str, Any]) -> bool:
    return claim["spec"].get("storageClassName") == STORAGE_CLASS and not claim["spec"].get("volumeName")


def volume(claim: Mapping[str, Any]) -> dict[str, Any]:
    """For this claim alone, as large as it asks. Retained: nobody here would delete the files."""
    metadata = claim["metadata"]
    reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", **{key: metadata[key] for key in ("namespace", "name", "uid")}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"pvc-{metadata['uid']}"},
        "spec": {
            "storageClassName": STORAGE_CLASS,
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": _MODES,
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": reference,
            "nfs": {"server": SERVER, "path": f"/{metadata['namespace']}/{metadata['name']}"},
        },
    }


async def _create(api: Api, path: str, content: Mapping[str, Any]) -> None:
    """Tries until it is there: nobody asks again."""
    while True:
        try:
            await api.create(path, content)
            return
        except ApiError as error:
            if error.status == httpx.codes.CONFLICT:
                return
            _log.warning("%s", error)
            await asyncio.sleep(_RETRY_SECONDS)
