"""What every pod of a server has in common, whether it serves or prepares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import GPU_PRODUCT_LABEL, POOL_NODE_LABEL
from headroom.desired.gpus import Gpus
from headroom.desired.objects import Object
from headroom.desired.serving import secrets, storage
from headroom.desired.serving.filling import filled
from headroom.desired.serving.secrets import Uses
from headroom.settings.server import Server


def base(name: str, engine: Engine, server: Server, gpus: Gpus, given: Mapping[str, Uses]) -> Object:
    """Identity, placement, security."""
    pull = secrets.pull_secrets(name, given)
    return {
        "serviceAccountName": name,
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": engine.user,
            "runAsGroup": engine.user,
            "fsGroup": engine.user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **({"imagePullSecrets": pull} if pull else {}),
        **({"nodeSelector": {POOL_NODE_LABEL: server.pool}} if server.pool else {}),
        **({"affinity": _on_products(server)} if server.gpu_products and gpus.labelled else {}),
        "tolerations": list(gpus.tolerations),
    }


def _on_products(server: Server) -> Object:
    product = {"key": GPU_PRODUCT_LABEL, "operator": "In", "values": list(server.gpu_products)}
    terms = [{"matchExpressions": [product]}]
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}


def resources(server: Server, gpus: Gpus | None, fabric: Mapping[str, str] | None = None) -> Object:
    """What the container of a replica holds, without GPUs where None; `fabric` is what it reaches its group by."""
    held = {**({gpus.resource: str(server.gpus)} if gpus else {}), **(fabric or {})}
    memory = {"memory": server.resources.memory}
    return {"requests": {"cpu": server.resources.cpu, **memory, **held}, "limits": {**memory, **held}}


def environment(name: str, engine: Engine, server: Server, filling: Mapping[str, str], given: Mapping[str, Uses]) -> Object:
    own = {key: filled(value, filling) for key, value in engine.environment.items()}
    plain = [{"name": key, "value": value} for key, value in {**own, **server.environment}.items()]
    return {"env": [*plain, *secrets.variables(name, engine, given)]}


def volumes(
    name: str, engine: Engine, server: Server, files: Mapping[str, str], filling: Mapping[str, str], given: Mapping[str, Uses]
) -> list[storage.Volume]:
    return [*storage.volumes(name, engine, server, files, filling), *secrets.volumes(name, engine, given)]


def containers(container: Object, mounted: Sequence[storage.Volume]) -> Object:
    """The container with its mounts, closed as the restricted Pod Security level wants it, and the pod's volumes."""
    return {
        "containers": [
            {
                **container,
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                # A container that fails says why in its status, where kubectl describe and Pulumi find it.
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "volumeMounts": [mount for _, mount in mounted],
            }
        ],
        # A volume that is mounted file by file is one volume.
        "volumes": list({volume["name"]: volume for volume, _ in mounted}.values()),
    }
