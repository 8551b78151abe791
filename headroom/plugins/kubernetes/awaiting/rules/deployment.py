"""Deployment: the ReplicaSet of its present revision is available and every claim of its Pods is bound."""

from __future__ import annotations

from headroom.plugins.kubernetes.awaiting.objects import (
    annotation,
    at,
    bracketed,
    condition,
    is_true,
    label_selector,
    name_of,
    namespace_of,
    observed_generation_is_current,
    owned_by,
)
from headroom.plugins.kubernetes.awaiting.rules.pod import PATIENCE, warnings
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Query, Rule, Verdict, Waiting
from headroom.plugins.kubernetes.client import GVK, Object

REVISION = "deployment.kubernetes.io/revision"

NONE_LIVE = "Minimum number of live Pods was not attained"
TOO_FEW = "Minimum number of Pods to consider the application live was not attained"
NOT_ROLLED = "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live"


def related(deployment: Object) -> list[Query]:
    namespace, selector = namespace_of(deployment), label_selector(at(deployment, "spec", "selector", default={}))
    volumes = at(deployment, "spec", "template", "spec", "volumes", default=())
    claims = [at(volume, "persistentVolumeClaim", "claimName") for volume in volumes if "persistentVolumeClaim" in volume]
    return [
        Query(GVK("apps/v1", "ReplicaSet"), namespace, labels=selector),
        Query(GVK("v1", "Pod"), namespace, labels=selector),
        *(Query(GVK("v1", "PersistentVolumeClaim"), namespace, claim) for claim in claims),
    ]


def assess(seen: Observed) -> Verdict:
    deployment = seen.live
    if not observed_generation_is_current(deployment):
        return Waiting(reasons=(NONE_LIVE,))
    revision = annotation(deployment, REVISION)
    replica_sets = owned_by(seen.of("ReplicaSet"), deployment)
    replica_set = next((rs for rs in replica_sets if revision and annotation(rs, REVISION) == revision), None)
    wanted, ready = at(replica_set, "spec", "replicas", default=1), at(replica_set, "status", "readyReplicas", default=0)
    has_replicas = replica_set is not None and ready >= wanted
    unbound = [claim for claim in seen.of("PersistentVolumeClaim") if at(claim, "status", "phase") != "Bound"]

    refusals = [bracketed(item) for item in _refusals(deployment)]
    shortage = _shortage(deployment, has_replicas=has_replicas, first=revision == "1")
    if not shortage and not unbound:
        scaled_to_none = (Line(f'Replicas scaled to 0 for Deployment "{name_of(deployment)}"', "warning"),) if wanted == 0 else ()
        return Done((*scaled_to_none, Line("Deployment initialization complete")))

    troubles = warnings(owned_by(seen.of("Pod"), replica_set))
    lines = [Line(text, "warning") for text in refusals]
    if replica_set is not None and not has_replicas:
        lines.append(Line(f"Waiting for app ReplicaSet to be available ({ready}/{wanted} Pods available)"))
    lines += [Line(_unbound(claim), "warning") for claim in unbound]
    lines += [Line(text, "warning") for text in troubles if seen.elapsed >= PATIENCE]
    claims = [f'Failed to bind PersistentVolumeClaim(s): "{",".join(map(name_of, unbound))}"'] if unbound else []
    return Waiting(tuple(lines), (*refusals, *claims, *shortage, *troubles))


def _refusals(deployment: Object) -> list[Object]:
    judged = [condition(deployment, kind) for kind in ("Available", "Progressing")]
    return [item for item in judged if item and item.get("status") != "True" and item.get("reason") and item.get("message")]


def _shortage(deployment: Object, *, has_replicas: bool, first: bool) -> tuple[str, ...]:
    """The first revision is created, not rolled out: its Progressing condition says nothing yet."""
    rolled_out = is_true(deployment, "Progressing") and condition(deployment, "Progressing").get("reason") == "NewReplicaSetAvailable"
    if not is_true(deployment, "Available"):
        return (NONE_LIVE,)
    if not first and not rolled_out:
        return (TOO_FEW,)
    if not has_replicas:
        return (TOO_FEW if first else NOT_ROLLED,)
    return ()


def _unbound(claim: Object) -> str:
    phase = at(claim, "status", "phase", default="")
    return f"PersistentVolumeClaim: [{name_of(claim)}] is not ready. status.phase currently at: {phase}"


RULE = Rule(assess, related)
