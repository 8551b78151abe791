"""Client pods that put a server under load from inside the cluster."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import APP_COMPONENT
from headroom.desired.objects import Object, obj
from headroom.desired.serving import pod, secrets
from headroom.desired.serving.filling import filled_where_known
from headroom.desired.serving.secrets import Uses
from headroom.desired.serving.storage import Volume, config_map, file_key
from headroom.settings.load import Load

_USER = 1000
_RESOURCES = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}

AGAIN = ("sh", "-c", "trap 'kill $! 2>/dev/null; exit 0' TERM; while true; do \"$@\" & wait $!; sleep 1; done", "client")
"""Runs what follows again and again: a container that ends is started again later and later, and the load would have gaps of minutes."""


def clients_name(server: str) -> str:
    return f"{server}-load"


def objects(
    name: str,
    namespace: str,
    labels: dict[str, str],
    engine: Engine,
    own_image: str,
    load: Load,
    filling: Mapping[str, str],
    given: Mapping[str, Uses],
) -> dict[str, Object]:
    """The client pods, and the files that they read, by role. `own_image` is the server's."""
    published = engine.client.files if engine.client and not load.image else {}
    files = {**published, **load.files}
    held = config_map(f"{clients_name(name)}-files", namespace, labels, files) if files else None
    mounted = _mounts(held, files) if held else []
    pods = _clients(name, namespace, labels, engine, own_image, load, filling, given, mounted)
    return {**({"load-files": held} if held else {}), "load": pods}


def _mounts(held: Object, files: Mapping[str, str]) -> list[Volume]:
    volume = {"name": "files", "configMap": {"name": held["metadata"]["name"]}}
    # File by file: a mounted directory would hide what the image has beside them.
    return [(volume, {"name": "files", "mountPath": path, "subPath": file_key(path), "readOnly": True}) for path in files]


def _clients(
    name: str,
    namespace: str,
    labels: dict[str, str],
    engine: Engine,
    own_image: str,
    load: Load,
    filling: Mapping[str, str],
    given: Mapping[str, Uses],
    mounted: list[Volume],
) -> Object:
    """A Deployment whose pods ask the server's Service. They need no GPU and tolerate no GPU node's taint.

    A published client that has sent what it was told to send begins again.
    """
    client = engine.client
    image, command, arguments = load.image, load.command, load.arguments
    if client and not load.image:
        image = client.image or own_image
        command, arguments = (*AGAIN, *client.command), (*client.arguments, *load.arguments)
    pull = secrets.pull_secrets(name, given)
    filling = {**filling, "host": f"{name}.{namespace}.svc", "concurrency": str(load.concurrency)}
    own = {**{key: value for key, value in labels.items() if not key.endswith(("/name", "/instance"))}, APP_COMPONENT: clients_name(name)}
    container = {
        "name": "client",
        "image": image,
        "command": [filled_where_known(word, filling) for word in command],
        "args": [filled_where_known(word, filling) for word in arguments],
        # Load generators write results where they stand and keep tokenizers at home, and are not root here.
        "workingDir": "/tmp",
        "env": [*secrets.variables(name, engine, given), {"name": "HOME", "value": "/tmp"}],
        "resources": _RESOURCES,
    }
    spec = {
        "automountServiceAccountToken": False,
        **({"imagePullSecrets": pull} if pull else {}),
        **({"nodeSelector": dict(load.node_selector)} if load.node_selector else {}),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **pod.containers(container, mounted),
    }
    return obj(
        "apps/v1",
        "Deployment",
        clients_name(name),
        namespace=namespace,
        labels=labels,
        spec={
            "replicas": load.clients,
            "selector": {"matchLabels": {APP_COMPONENT: clients_name(name)}},
            "template": {"metadata": {"labels": own}, "spec": spec},
        },
    )
