"""The objects of a server that serve: workload, identity, network, files, secrets, preparation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headroom.catalog.engines.model import Engine
from headroom.desired.gpus import Gpus
from headroom.desired.images import from_mirror
from headroom.desired.objects import Object
from headroom.desired.serving import group, identity, load, network, preparation, secrets, sidecar, storage
from headroom.desired.serving.filling import values as values
from headroom.desired.serving.secrets import CredentialUse as CredentialUse
from headroom.desired.serving.secrets import Uses
from headroom.desired.serving.workload import deployment, pod_that_serves
from headroom.desired.serving.workload import startup_seconds as startup_seconds
from headroom.settings.overrides import served_name
from headroom.settings.platform import Images
from headroom.settings.server import Server


@dataclass(frozen=True)
class Serving:
    """Objects by role, in the order in which they are needed, and what is to be filled into which of them."""

    objects: Mapping[str, Object]
    credentials: Mapping[str, Uses] = field(default_factory=dict)
    """By role."""


def objects(
    name: str,
    namespace: str,
    labels: dict[str, str],
    engine: Engine,
    server: Server,
    gpus: Gpus,
    files: Mapping[str, str],
    credentials: frozenset[str] | None,
    images: Images,
) -> Serving:
    """Everything that serves. `credentials` are the names of those that the stack has, None where that cannot be told."""
    common = (name, namespace, labels)
    filling = values(engine, server)
    asked = {**filling, "model": served_name(server, engine) or ""}
    given = secrets.uses(engine, server, credentials, images)
    prepare = engine.preparation
    helper = sidecar.of(engine, server)
    helps = sidecar.objects(*common, helper) if helper else {}
    found: dict[str, Object | None] = {
        "identity": identity.service_account(*common),
        **{f"secret-{suffix}": secrets.secret(*common, suffix, keys) for suffix, keys in given.items()},
        "models": storage.model_files(*common, files) if files else None,
        "configuration": storage.configuration(*common, engine, filling) if engine.files else None,
        "cache": storage.cache_claim(*common, server),
        "preparation": preparation.job(*common, engine, server, prepare, gpus, filling, given) if prepare and server.cache else None,
        **helps,
        **_acknowledged(_replicas(common, engine, server, gpus, files, filling, given, helps.get("sidecar")), server),
        "service": network.service(*common, engine, server),
        **(load.objects(*common, engine, server.image, server.load, asked, given) if server.load else {}),
        "disruption-budget": identity.disruption_budget(*common, engine, server),
    }
    return Serving(
        objects={role: from_mirror(item, images) for role, item in found.items() if item is not None},
        credentials={f"secret-{suffix}": keys for suffix, keys in given.items()},
    )


def _acknowledged(replicas: dict[str, Object], server: Server) -> dict[str, Object]:
    """The annotations by which the verifier and the policy pack know what is accepted (headroom.wiring.silence)."""
    if server.acknowledge:
        accepted = {f"headroom.dev/ignore-{check}": why for check, why in server.acknowledge.items()}
        replicas["workload"]["metadata"].setdefault("annotations", {}).update(accepted)
    return replicas


def _replicas(
    common: tuple[str, str, dict[str, str]],
    engine: Engine,
    server: Server,
    gpus: Gpus,
    files: Mapping[str, str],
    filling: Mapping[str, str],
    given: Mapping[str, Uses],
    program: Object | None,
) -> dict[str, Object]:
    """Pods, or groups of them where a replica spans several nodes."""
    nodes = engine.ranks.nodes if engine.ranks else None
    if nodes is None or server.parallelism.nodes == 1:
        return {"workload": deployment(*common, engine, server, gpus, files, filling, given, program)}
    serves = pod_that_serves(common[0], engine, server, gpus, files, filling, given)
    launch = group.launch_files(*common, nodes)
    return {
        **group.reach(*common, server),
        "launch": launch,
        "workload": group.leader_worker_set(*common, engine, server, gpus, nodes, launch, serves, given),
    }
