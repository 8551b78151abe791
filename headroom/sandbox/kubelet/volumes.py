"""What a pod's volumes hold, and where a container sees them. Contents are decided here and written by `write`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.sandbox.kubelet.downward import Place, field_value, quantity, resource_value
from headroom.sandbox.kubelet.filesystem import Mount
from headroom.sandbox.kubelet.sources import Missing, Sources

_DEFAULT_MODE = 0o644


@dataclass(frozen=True)
class File:
    path: str
    content: bytes
    mode: int


def references(volumes: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """The ConfigMaps and Secrets that the volumes read, as (kind, name)."""
    found: set[tuple[str, str]] = set()
    for volume in volumes:
        for source in _sources(volume):
            if "configMap" in source:
                found.add(("ConfigMap", source["configMap"]["name"]))
            if "secret" in source:
                found.add(("Secret", _secret_name(source["secret"])))
    return found


def audiences(volumes: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The service account tokens that the volumes ask for: audience ("" the API server's own) → seconds."""
    tokens = [source["serviceAccountToken"] for volume in volumes for source in _sources(volume) if "serviceAccountToken" in source]
    return {token.get("audience") or "": token.get("expirationSeconds") or 3600 for token in tokens}


def _sources(volume: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return volume["projected"].get("sources") or [] if "projected" in volume else [volume]


def _secret_name(source: Mapping[str, Any]) -> str:
    return source.get("secretName") or source["name"]


def files(volume: Mapping[str, Any], pod: Mapping[str, Any], sources: Sources, place: Place) -> list[File]:
    """The files of a volume; an emptyDir has none. Raises `Missing` for what must be there and is not."""
    declared = next((volume[kind] for kind in ("configMap", "secret", "downwardAPI", "projected") if kind in volume), {})
    mode = declared.get("defaultMode") or _DEFAULT_MODE
    return [file for source in _sources(volume) for file in _files(source, mode, pod, sources, place)]


def _files(source: Mapping[str, Any], mode: int, pod: Mapping[str, Any], sources: Sources, place: Place) -> Iterator[File]:
    if "configMap" in source:
        yield from _keys("ConfigMap", source["configMap"]["name"], source["configMap"], mode, sources)
    if "secret" in source:
        yield from _keys("Secret", _secret_name(source["secret"]), source["secret"], mode, sources)
    if "serviceAccountToken" in source:
        token = source["serviceAccountToken"]
        yield File(token["path"], sources.tokens[token.get("audience") or ""].encode(), mode)
    for item in (source.get("downwardAPI") or {}).get("items") or []:
        if "fieldRef" in item:
            text = field_value(pod, item["fieldRef"]["fieldPath"], place)
        else:
            text = resource_value(pod, item["resourceFieldRef"], place)
        yield File(item["path"], text.encode(), item.get("mode") or mode)


def _keys(kind: str, name: str, source: Mapping[str, Any], mode: int, sources: Sources) -> Iterator[File]:
    """All keys by their names, or those that `items` lists at their paths."""
    content = sources.content(kind, {"name": name, "optional": source.get("optional")})
    items = source.get("items")
    if not items:
        yield from (File(key, value, mode) for key, value in sorted(content.items()))
        return
    for item in items:
        if item["key"] in content:
            yield File(item["path"], content[item["key"]], item.get("mode") or mode)
        elif not source.get("optional"):
            raise Missing(f"references non-existent {kind.lower()} key: {item['key']}")


def write(directory: Path, contents: Iterable[File], group: int | None) -> None:
    """Makes the volume's directory anew. `group` (fsGroup) may read the files and write into an emptyDir."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    empty = True
    for file in contents:
        empty = False
        path = directory / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(file.mode if group is None else file.mode | 0o040)
        if group is not None:
            os.chown(path, -1, group)
    directory.chmod(0o777 if empty else 0o755)


def in_memory(volume: Mapping[str, Any], pod: Mapping[str, Any]) -> bool:
    """Whether the volume is memory of the one container that mounts it."""
    if (volume.get("emptyDir") or {}).get("medium") != "Memory":
        return False
    containers = (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"])
    return sum(mount["name"] == volume["name"] for container in containers for mount in container.get("volumeMounts") or ()) == 1


def mounts(container: Mapping[str, Any], pod: Mapping[str, Any], root: Path) -> list[Mount]:
    """The container's mounts of the volumes whose directories lie in `root`."""
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
    return [_mount(mount, volumes[mount["name"]], pod, root / mount["name"]) for mount in container.get("volumeMounts") or ()]


def _mount(mount: Mapping[str, Any], volume: Mapping[str, Any], pod: Mapping[str, Any], directory: Path) -> Mount:
    if in_memory(volume, pod):
        limit = volume["emptyDir"].get("sizeLimit")
        return Mount(mount["mountPath"], None, size=int(quantity(limit)) if limit else None)
    readonly = bool(mount.get("readOnly")) or not _writable(volume)
    sub = mount.get("subPath")
    if not sub:
        return Mount(mount["mountPath"], str(directory), readonly)
    if ".." in Path(sub).parts or os.path.isabs(sub):
        raise Missing(f"subPath {sub} must stay inside the volume")
    if not (directory / sub).exists():
        (directory / sub).mkdir(parents=True)
    return Mount(mount["mountPath"], str(directory / sub), readonly)


def _writable(volume: Mapping[str, Any]) -> bool:
    claim = volume.get("persistentVolumeClaim")
    return "emptyDir" in volume or "hostPath" in volume or (claim is not None and not claim.get("readOnly"))
