"""The files that a server's pods see: models, configuration, weights, shared memory."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import content_name
from headroom.desired.objects import Object, obj
from headroom.desired.serving.filling import filled
from headroom.settings.server import Server

SHARED_MEMORY_GIB = 1
"""For each GPU: processes that share a model's layers exchange them through it (NCCL, MPI)."""
_MODELS = "models"
_CONFIGURATION = "configuration"
_CACHE = "cache"

Volume = tuple[Object, Object]
"""A volume of the pod and how the container mounts it."""


def model_files(name: str, namespace: str, labels: dict[str, str], files: Mapping[str, str]) -> Object:
    """A model directory as a ConfigMap; its name changes with its content, so that the pods roll."""
    return config_map(f"{name}-{_MODELS}", namespace, labels, files)


def configuration(name: str, namespace: str, labels: dict[str, str], engine: Engine, filling: Mapping[str, str]) -> Object:
    """The engine's configuration files as a ConfigMap."""
    return config_map(f"{name}-{_CONFIGURATION}", namespace, labels, _texts(engine, filling))


def cache_claim(name: str, namespace: str, labels: dict[str, str], server: Server) -> Object | None:
    """The claim that is made for the server, where its cache is to be one."""
    if server.cache is None or server.cache.storage_class is None:
        return None
    spec = {
        # Replicas on several nodes read what one of them, or the preparation, has written.
        "accessModes": ["ReadWriteMany"],
        "storageClassName": server.cache.storage_class,
        "resources": {"requests": {"storage": server.cache.size}},
    }
    return obj("v1", "PersistentVolumeClaim", f"{name}-{_CACHE}", namespace=namespace, labels=labels, spec=spec)


def volumes(name: str, engine: Engine, server: Server, files: Mapping[str, str], filling: Mapping[str, str]) -> list[Volume]:
    """Everything but secrets, in the order in which it is mounted."""
    return [
        *_models(name, engine, server, files),
        *_configuration(name, engine, filling),
        *_cache(name, engine, server),
        *_shared_memory(engine, server),
    ]


def _models(name: str, engine: Engine, server: Server, files: Mapping[str, str]) -> list[Volume]:
    mount = {"name": _MODELS, "mountPath": engine.model_directory, "readOnly": True}
    if files:
        items = [{"key": file_key(path), "path": path} for path in files]
        return [({"name": _MODELS, "configMap": {"name": content_name(f"{name}-{_MODELS}", _data(files)), "items": items}}, mount)]
    if server.models and server.models.claim:
        return [({"name": _MODELS, "persistentVolumeClaim": {"claimName": server.models.claim, "readOnly": True}}, mount)]
    return []


def _configuration(name: str, engine: Engine, filling: Mapping[str, str]) -> list[Volume]:
    if not engine.files:
        return []
    texts = _texts(engine, filling)
    volume = {"name": _CONFIGURATION, "configMap": {"name": content_name(f"{name}-{_CONFIGURATION}", _data(texts))}}
    # File by file: a mounted directory would hide what the image has beside them.
    mounts = [{"name": _CONFIGURATION, "mountPath": path, "subPath": file_key(path), "readOnly": True} for path in texts]
    return [(volume, mount) for mount in mounts]


def _cache(name: str, engine: Engine, server: Server) -> list[Volume]:
    if engine.cache is None:
        return []
    mount = {"name": _CACHE, "mountPath": engine.cache.path}
    if server.cache is None:
        return [({"name": _CACHE, "emptyDir": {}}, mount)]
    if server.cache.host_path:
        return [({"name": _CACHE, "hostPath": {"path": server.cache.host_path, "type": "DirectoryOrCreate"}}, mount)]
    return [({"name": _CACHE, "persistentVolumeClaim": {"claimName": server.cache.claim or f"{name}-{_CACHE}"}}, mount)]


def _shared_memory(engine: Engine, server: Server) -> list[Volume]:
    if not engine.shared_memory:
        return []
    volume = {"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": f"{SHARED_MEMORY_GIB * server.gpus}Gi"}}
    return [(volume, {"name": "shared-memory", "mountPath": "/dev/shm"})]


def config_map(base: str, namespace: str, labels: dict[str, str], files: Mapping[str, str]) -> Object:
    """Files by path; the object's name changes with their content, so that the pods roll."""
    data = _data(files)
    return obj("v1", "ConfigMap", content_name(base, data), namespace=namespace, labels=labels, immutable=True, data=data)


def _texts(engine: Engine, filling: Mapping[str, str]) -> Mapping[str, str]:
    return {path: filled(text, filling) for path, text in engine.files.items()}


def _data(files: Mapping[str, str]) -> dict[str, str]:
    return {file_key(path): text for path, text in files.items()}


def file_key(path: str) -> str:
    """A ConfigMap key for a path: keys may not hold a slash."""
    return path.strip("/").replace("/", "__")
