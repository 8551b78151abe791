"""StatefulSet: all replicas exist, are ready and run the present revision."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.plugins.kubernetes.awaiting.objects import at, label_selector, namespace_of, observed_generation_is_current, owned_by
from headroom.plugins.kubernetes.awaiting.rules.pod import PATIENCE, warnings
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Query, Rule, Verdict, Waiting
from headroom.plugins.kubernetes.client import GVK, Object


@dataclass(frozen=True)
class Rollout:
    """How far the controller is with the present spec; as it stands before the controller has seen it."""

    ready: int = 0
    wanted: int = 0
    replicas_done: bool = False
    revision_done: bool = False


def related(stateful_set: Object) -> list[Query]:
    selector = label_selector(at(stateful_set, "spec", "selector", default={}))
    return [Query(GVK("v1", "Pod"), namespace_of(stateful_set), labels=selector)]


def assess(seen: Observed) -> Verdict:
    stateful_set = seen.live
    rollout = _rollout(stateful_set) if observed_generation_is_current(stateful_set) else Rollout()
    if rollout.replicas_done and rollout.revision_done:
        return Done((Line("StatefulSet initialization complete"),))
    troubles = warnings(owned_by(seen.of("Pod"), stateful_set))
    told = [Line(text, "warning") for text in troubles if seen.elapsed >= PATIENCE]
    return Waiting((Line(_progress(stateful_set, rollout)), *told), (*_reasons(stateful_set, rollout), *troubles))


def _rollout(stateful_set: Object) -> Rollout:
    status, wanted = at(stateful_set, "status", default={}), at(stateful_set, "spec", "replicas", default=0)
    by_hand = not _is_first(stateful_set) and at(stateful_set, "spec", "updateStrategy", "type") == "OnDelete"
    counts = ("replicas", "readyReplicas") if by_hand else ("replicas", "readyReplicas", "currentReplicas")
    current = status.get("currentRevision", "")
    revision_done = by_hand or (bool(current) and current == status.get("updateRevision"))
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    return Rollout(
        # While a revision rolls out, ready replicas may still be of the one before.
        ready=ready if revision_done else min(ready, updated),
        wanted=wanted,
        replicas_done=all(status.get(count, 0) == wanted for count in counts),
        revision_done=revision_done,
    )


def _progress(stateful_set: Object, rollout: Rollout) -> str:
    if _is_first(stateful_set):
        return f"[1/2] Waiting for StatefulSet to create Pods ({rollout.ready}/{rollout.wanted} Pods ready)"
    if not rollout.replicas_done:
        return f"[1/3] Waiting for StatefulSet update to roll out ({rollout.ready}/{rollout.wanted} Pods ready)"
    return "[2/3] Waiting for StatefulSet to update .status.currentRevision"


def _reasons(stateful_set: Object, rollout: Rollout) -> list[str]:
    reasons = []
    if not rollout.replicas_done:
        reasons.append(f"{rollout.ready} out of {rollout.wanted} replicas succeeded readiness checks")
    if not rollout.revision_done:
        before, after = (at(stateful_set, "status", key, default="") for key in ("currentRevision", "updateRevision"))
        reasons.append(f'StatefulSet controller failed to advance from revision "{before}" to revision "{after}"')
    return reasons


def _is_first(stateful_set: Object) -> bool:
    return at(stateful_set, "metadata", "generation", default=1) <= 1


RULE = Rule(assess, related)
