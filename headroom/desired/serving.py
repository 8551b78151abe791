"""The workload of a server and what belongs to it: identity, Service, disruption budget, model files."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from string import Template

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import GPU_RESOURCE, GPU_TAINT, POOL_NODE_LABEL, content_name, server_selector
from headroom.desired.objects import Object, obj
from headroom.settings.server import Rollout, Server

SHARED_MEMORY = "1Gi"
_MODELS_VOLUME = "models"
_EXIT_MARGIN_SECONDS = 5


def startup_seconds(engine: Engine, server: Server) -> int:
    """How long a replica may take to start."""
    return int(server.startup or engine.startup_seconds)


def service_account(name: str, namespace: str, labels: dict[str, str]) -> Object:
    return obj("v1", "ServiceAccount", name, namespace=namespace, labels=labels, automountServiceAccountToken=False)


def service(name: str, namespace: str, labels: dict[str, str], engine: Engine) -> Object:
    """The server's Service. Pulumi does not wait for its endpoints: the Deployment's wait covers them, and a model loads for minutes."""
    service = obj(
        "v1",
        "Service",
        name,
        namespace=namespace,
        labels=labels,
        spec={
            "selector": server_selector(engine.name, name),
            "ports": [
                {"name": port.name, "port": port.number, "targetPort": port.name, "appProtocol": port.app_protocol}
                for port in engine.ports
                if port.exposed
            ],
        },
    )
    service["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    return service


def disruption_budget(name: str, namespace: str, labels: dict[str, str], engine: Engine) -> Object:
    """One replica at a time may be evicted. `maxUnavailable`, because `minAvailable: 1` would block every drain at one replica."""
    return obj(
        "policy/v1",
        "PodDisruptionBudget",
        name,
        namespace=namespace,
        labels=labels,
        spec={"maxUnavailable": 1, "selector": {"matchLabels": server_selector(engine.name, name)}},
    )


def model_files(name: str, namespace: str, labels: dict[str, str], files: Mapping[str, str]) -> Object:
    """A model directory as a ConfigMap; its name changes with its content, so that the pods roll."""
    data = {_key(path): text for path, text in files.items()}
    return obj("v1", "ConfigMap", content_name(f"{name}-models", data), namespace=namespace, labels=labels, immutable=True, data=data)


def deployment(name: str, namespace: str, labels: dict[str, str], engine: Engine, server: Server, files: Mapping[str, str]) -> Object:
    """The replicas. Their number is the autoscaler's: `spec.replicas` is never declared."""
    selector = server_selector(engine.name, name)
    startup = startup_seconds(engine, server)
    return obj(
        "apps/v1",
        "Deployment",
        name,
        namespace=namespace,
        labels=labels,
        spec={
            "selector": {"matchLabels": selector},
            "strategy": _strategy(server.rollout),
            "progressDeadlineSeconds": startup + 60,
            "revisionHistoryLimit": 3,
            "template": {"metadata": {"labels": labels}, "spec": _pod(name, engine, server, files, startup)},
        },
    )


def _strategy(rollout: Rollout) -> Object:
    if rollout is Rollout.RECREATE:
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def _pod(name: str, engine: Engine, server: Server, files: Mapping[str, str], startup: int) -> Object:
    volumes, mounts = _volumes(name, engine, server, files)
    return {
        "serviceAccountName": name,
        "automountServiceAccountToken": False,
        # First the longest request ends while no new one arrives, then the engine exits by itself.
        "terminationGracePeriodSeconds": int(server.drain) + engine.exit_seconds + _EXIT_MARGIN_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": engine.user,
            "runAsGroup": engine.user,
            "fsGroup": engine.user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **({"nodeSelector": {POOL_NODE_LABEL: server.pool}} if server.pool else {}),
        "tolerations": [{"key": GPU_TAINT["key"], "operator": "Exists", "effect": GPU_TAINT["effect"]}],
        "containers": [
            {
                "name": engine.name,
                "image": server.image,
                "command": list(engine.command),
                "args": [*_arguments(engine, server), *server.arguments],
                "env": [{"name": key, "value": value} for key, value in {**engine.environment, **server.environment}.items()],
                "ports": [{"name": port.name, "containerPort": port.number} for port in engine.ports],
                **_probes(engine, startup),
                "lifecycle": {"preStop": {"sleep": {"seconds": max(1, int(server.drain))}}},
                "resources": _resources(server),
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                # A container that fails says why in its status, where kubectl describe and Pulumi find it.
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "volumeMounts": mounts,
            }
        ],
        "volumes": volumes,
    }


def _arguments(engine: Engine, server: Server) -> list[str]:
    fill = {"models": server.models.uri or engine.model_directory, "exit": str(engine.exit_seconds)}
    return [Template(argument).substitute(fill) for argument in engine.arguments]


def _probes(engine: Engine, startup: int) -> Object:
    """A model loads before the engine answers at all: the start-up probe has the whole budget, the others begin after it."""
    period = 2 if startup <= 600 else 10
    ready = {"httpGet": {"path": engine.health.ready, "port": engine.health.port}}
    live = {"httpGet": {"path": engine.health.live, "port": engine.health.port}}
    return {
        "startupProbe": {**ready, "periodSeconds": period, "timeoutSeconds": 2, "failureThreshold": ceil(startup / period)},
        "readinessProbe": {**ready, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 3},
        "livenessProbe": {**live, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6},
    }


def _resources(server: Server) -> Object:
    gpus = {GPU_RESOURCE: str(server.gpus)}
    memory = {"memory": server.resources.memory}
    return {"requests": {"cpu": server.resources.cpu, **memory, **gpus}, "limits": {**memory, **gpus}}


def _volumes(name: str, engine: Engine, server: Server, files: Mapping[str, str]) -> tuple[list[Object], list[Object]]:
    volumes: list[Object] = []
    mounts: list[Object] = []
    if files:
        data = {_key(path): text for path, text in files.items()}
        items = [{"key": _key(path), "path": path} for path in files]
        volumes.append({"name": _MODELS_VOLUME, "configMap": {"name": content_name(f"{name}-models", data), "items": items}})
    elif server.models.claim:
        volumes.append({"name": _MODELS_VOLUME, "persistentVolumeClaim": {"claimName": server.models.claim, "readOnly": True}})
    if volumes:
        mounts.append({"name": _MODELS_VOLUME, "mountPath": engine.model_directory, "readOnly": True})
    if engine.shared_memory:
        volumes.append({"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": SHARED_MEMORY}})
        mounts.append({"name": "shared-memory", "mountPath": "/dev/shm"})
    return volumes, mounts


def _key(path: str) -> str:
    """A ConfigMap key for a relative path: keys may not hold a slash."""
    return path.replace("/", "__")
