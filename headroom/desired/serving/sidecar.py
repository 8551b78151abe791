"""The program beside an engine: its container, its files, and the little that it may do."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from headroom.catalog.engines.beside import Sidecar
from headroom.catalog.engines.model import Engine
from headroom.desired.objects import Object, obj
from headroom.desired.serving.filling import filled
from headroom.desired.serving.storage import config_map, file_key
from headroom.settings.server import Server

_ROOT = "/opt/sidecar"
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_SECONDS = 3607
_FIELDS = {"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace"}


def of(engine: Engine, server: Server) -> Sidecar | None:
    """The engine's, where the server's options want it."""
    if engine.sidecar is None:
        return None
    switch = engine.sidecar.switch
    return engine.sidecar if server.options.get(switch, engine.options[switch].default) else None


def objects(name: str, namespace: str, labels: dict[str, str], sidecar: Sidecar) -> dict[str, Object]:
    """What it needs beside its container, by role."""
    rules = [{key: list(values) for key, values in rule.items()} for rule in sidecar.rules]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    account = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    group = "rbac.authorization.k8s.io/v1"
    return {
        "sidecar": config_map(f"{name}-{sidecar.name}", namespace, labels, _program(sidecar)),
        "role": obj(group, "Role", name, namespace=namespace, labels=labels, rules=rules),
        "role-binding": obj(group, "RoleBinding", name, namespace=namespace, labels=labels, roleRef=role, subjects=[account]),
    }


def beside(spec: Object, sidecar: Sidecar, program: Object, filling: Mapping[str, str]) -> Object:
    """The spec of a pod with the sidecar in it; `program` is the ConfigMap of its files."""
    (serving,) = spec["containers"]
    policy = {"resizePolicy": [{"resourceName": "memory", "restartPolicy": "NotRequired"}]} if sidecar.resizes else {}
    items = [{"key": file_key(path), "path": path} for path in _program(sidecar)]
    return {
        **spec,
        "initContainers": [_container(sidecar, filling)],
        "containers": [{**serving, **policy}],
        "volumes": [
            *spec["volumes"],
            {"name": sidecar.name, "configMap": {"name": program["metadata"]["name"], "items": items}},
            {"name": "token", "projected": {"sources": _TOKEN_SOURCES}},
        ],
    }


# What the API server adds by itself where it may, for every container; here it is for one.
_TOKEN_SOURCES = [
    {"serviceAccountToken": {"path": "token", "expirationSeconds": _TOKEN_SECONDS}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
]


def _container(sidecar: Sidecar, filling: Mapping[str, str]) -> Object:
    plain = {"PYTHONPATH": _ROOT, "PYTHONDONTWRITEBYTECODE": "1", **sidecar.environment}
    fields = [{"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in _FIELDS.items()]
    return {
        "name": sidecar.name,
        "image": sidecar.image,
        # Kubernetes calls it an init container that is restarted: it runs as long as the pod does, and ends after the engine.
        "restartPolicy": "Always",
        "command": ["python", "-m", sidecar.package],
        "env": [*({"name": name, "value": filled(value, filling)} for name, value in plain.items()), *fields],
        "resources": {"requests": {"cpu": "20m", "memory": "48Mi"}, "limits": {"memory": "96Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": sidecar.name, "mountPath": _ROOT, "readOnly": True},
            {"name": "token", "mountPath": _TOKEN, "readOnly": True},
        ],
    }


def _program(sidecar: Sidecar) -> dict[str, str]:
    """Its files by path below the root from which it is imported."""
    directory = sidecar.package.replace(".", "/")
    files = sorted((file for file in resources.files(sidecar.package).iterdir() if file.name.endswith(".py")), key=lambda file: file.name)
    return {f"{directory}/{file.name}": file.read_text() for file in files}
