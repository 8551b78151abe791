"""The replicas of a server."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from headroom.catalog.engines.model import Engine, GrpcHealth
from headroom.catalog.names import server_selector
from headroom.desired.gpus import Gpus
from headroom.desired.objects import Object, obj
from headroom.desired.serving import pod, sidecar
from headroom.desired.serving.ranks import command_line
from headroom.desired.serving.secrets import Uses
from headroom.settings.server import Rollout, Server

_EXIT_MARGIN_SECONDS = 5


def startup_seconds(engine: Engine, server: Server) -> int:
    """How long a replica may take to start."""
    return int(server.startup or engine.startup_seconds)


def deployment(
    name: str,
    namespace: str,
    labels: dict[str, str],
    engine: Engine,
    server: Server,
    gpus: Gpus,
    files: Mapping[str, str],
    filling: Mapping[str, str],
    given: Mapping[str, Uses],
    program: Object | None = None,
) -> Object:
    """The replicas. Their number is the autoscaler's: `spec.replicas` is never declared. `program` is what runs beside the engine."""
    spec = pod_that_serves(name, engine, server, gpus, files, filling, given)
    if program and engine.sidecar:
        spec = sidecar.beside(spec, engine.sidecar, program, filling)
    return obj(
        "apps/v1",
        "Deployment",
        name,
        namespace=namespace,
        labels=labels,
        spec={
            "selector": {"matchLabels": server_selector(engine.name, name)},
            "strategy": _strategy(server.rollout),
            "progressDeadlineSeconds": startup_seconds(engine, server) + 60,
            "revisionHistoryLimit": 3,
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    )


def _strategy(rollout: Rollout) -> Object:
    if rollout is Rollout.RECREATE:
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def pod_that_serves(
    name: str,
    engine: Engine,
    server: Server,
    gpus: Gpus,
    files: Mapping[str, str],
    filling: Mapping[str, str],
    given: Mapping[str, Uses],
) -> Object:
    command, arguments = command_line(engine, server, filling)
    container = {
        "name": engine.name,
        "image": server.image,
        # Where the catalogue names none, the image's own.
        **({"command": command} if command else {}),
        **({"args": arguments} if arguments else {}),
        **pod.environment(name, engine, server, filling, given),
        "ports": [{"name": port.name, "containerPort": port.number} for port in engine.ports],
        **_probes(engine, startup_seconds(engine, server)),
        "lifecycle": {"preStop": {"sleep": {"seconds": max(1, int(server.drain))}}},
        "resources": pod.resources(server, gpus, gpus.fabric),
    }
    return {
        **pod.base(name, engine, server, gpus, given),
        # First the longest request ends while no new one arrives, then the engine exits by itself.
        "terminationGracePeriodSeconds": int(server.drain) + engine.exit_seconds + _EXIT_MARGIN_SECONDS,
        **pod.containers(container, pod.volumes(name, engine, server, files, filling, given)),
    }


def _probes(engine: Engine, startup: int) -> Object:
    """A model loads before the engine answers at all: the start-up probe has the whole budget, the others begin after it."""
    period = 2 if startup <= 600 else 10
    begins: Object = {"periodSeconds": period, "timeoutSeconds": 2, "failureThreshold": ceil(startup / period)}
    goes_on: Object = {"periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 3}
    if isinstance(engine.health, GrpcHealth):
        ready = live = {"grpc": {"port": engine.port(engine.health.port).number, "service": engine.health.service}}
    else:
        ready = {"httpGet": {"path": engine.health.ready, "port": engine.health.port}}
        if told := engine.health.ready_command:
            ready = {"exec": {"command": list(told)}}
            # It is a program that has to start, which takes seconds on a busy node; a kubelet lets one end before it starts the next.
            begins = {"periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": ceil(startup / 5)}
            goes_on = {"periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3}
        live = {"httpGet": {"path": engine.health.live, "port": engine.health.port}}
    return {
        "startupProbe": {**ready, **begins},
        "readinessProbe": {**ready, **goes_on},
        "livenessProbe": {**live, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6},
    }
