"""StatefulSet: all replicas exist, are ready and run the present revision."""

from __future__ import annotations

from headroom.plugins.kubernetes.awaiting.objects import at, label_selector, namespace_of, observed_generation_is_current, owned_by
from headroom.plugins.kubernetes.awaiting.rules.pod import PATIENCE, warnings
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Query, Rule, Verdict, Waiting
from headroom.plugins.kubernetes.client import GVK, Object


def related(stateful_set: Object) -> list[Query]:
    selector = label_selector(at(stateful_set, "spec", "selector", default={}))
    return [Query(GVK("v1", "Pod"), namespace_of(stateful_set), labels=selector)]


def assess(seen: Observed) -> Verdict:
    stateful_set, status = seen.live, at(seen.live, "status", default={})
    first = at(stateful_set, "metadata", "generation", default=1) <= 1
    troubles = tuple(warnings(owned_by(seen.of("Pod"), stateful_set)))
    if not observed_generation_is_current(stateful_set):
        return _waiting(seen, first, ready=0, wanted=0, replicas_ready=False, revision_ready=False, troubles=troubles)

    wanted = at(stateful_set, "spec", "replicas", default=0)
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    by_hand = not first and at(stateful_set, "spec", "updateStrategy", "type") == "OnDelete"
    counts = ("replicas", "readyReplicas") if by_hand else ("replicas", "readyReplicas", "currentReplicas")
    replicas_ready = all(status.get(count, 0) == wanted for count in counts)
    current = status.get("currentRevision", "")
    revision_ready = by_hand or (bool(current) and current == status.get("updateRevision"))
    if replicas_ready and revision_ready:
        return Done((Line("StatefulSet initialization complete"),))
    # While a revision rolls out, ready replicas may still be of the one before.
    counted = ready if revision_ready else min(ready, updated)
    return _waiting(seen, first, counted, wanted, replicas_ready, revision_ready, troubles)


def _waiting(
    seen: Observed, first: bool, ready: int, wanted: int, replicas_ready: bool, revision_ready: bool, troubles: tuple[str, ...]
) -> Waiting:
    status = at(seen.live, "status", default={})
    reasons = [] if replicas_ready else [f"{ready} out of {wanted} replicas succeeded readiness checks"]
    if not revision_ready:
        revisions = [status.get(key, "") for key in ("currentRevision", "updateRevision")]
        reasons.append('StatefulSet controller failed to advance from revision "{}" to revision "{}"'.format(*revisions))
    if first:
        progress = f"[1/2] Waiting for StatefulSet to create Pods ({ready}/{wanted} Pods ready)"
    elif not replicas_ready:
        progress = f"[1/3] Waiting for StatefulSet update to roll out ({ready}/{wanted} Pods ready)"
    else:
        progress = "[2/3] Waiting for StatefulSet to update .status.currentRevision"
    told = [Line(text, "warning") for text in troubles if seen.elapsed >= PATIENCE]
    return Waiting((Line(progress), *told), (*reasons, *troubles))


RULE = Rule(assess, related)
