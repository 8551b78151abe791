"""The Job that fills a server's cache before its replicas start."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.catalog.engines.model import Engine
from headroom.catalog.engines.needs import Preparation
from headroom.catalog.names import content_name
from headroom.desired.gpus import Gpus
from headroom.desired.objects import Object, obj
from headroom.desired.serving import pod
from headroom.desired.serving.filling import filled, made_from
from headroom.desired.serving.secrets import Uses
from headroom.settings.server import Server


def job(
    name: str,
    namespace: str,
    labels: dict[str, str],
    engine: Engine,
    server: Server,
    preparation: Preparation,
    gpus: Gpus,
    filling: Mapping[str, str],
    given: Mapping[str, Uses],
) -> Object:
    """A Job whose name carries what its result depends on: it runs again when that changes, and never when a replica is added.

    It stays after it ended, with its pods and what they logged, until its name changes or the server goes. Nothing asks Kubernetes to
    delete it sooner: a refresh would then find it gone, and the next update would make it, and run it, again.
    """
    container = {
        "name": "prepare",
        "image": server.image,
        "command": [filled(part, filling) for part in preparation.command],
        "args": [filled(part, filling) for part in preparation.arguments],
        "resources": pod.resources(server, gpus if preparation.gpus else None),
        **pod.environment(name, engine, server, filling, given),
    }
    return obj(
        "batch/v1",
        "Job",
        content_name(f"{name}-prepare", made_from(server, preparation, filling)),
        namespace=namespace,
        labels=labels,
        spec={
            "backoffLimit": 2,
            "activeDeadlineSeconds": preparation.seconds,
            # Not the server's selector: its Service and its monitor must not find this pod.
            "template": {
                "metadata": {"labels": {key: value for key, value in labels.items() if not key.endswith(("/name", "/instance"))}},
                "spec": {
                    **pod.base(name, engine, server, gpus, given),
                    "restartPolicy": "Never",
                    **pod.containers(container, pod.volumes(name, engine, server, {}, filling, given)),
                },
            },
        },
    )
