"""Kinds that are judged by their status alone, and any kind under PULUMI_K8S_AWAIT_ALL: the conventions that controllers follow.

They are those of https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md.
"""

from __future__ import annotations

from collections.abc import Callable

from headroom.plugins.kubernetes.awaiting.objects import at, condition, is_true
from headroom.plugins.kubernetes.awaiting.verdict import (
    CONDITION_TIMED_OUT,
    CONTEXT_CANCELED,
    Done,
    Line,
    Observed,
    Rule,
    Verdict,
    Waiting,
)
from headroom.plugins.kubernetes.client import Object

Computed = tuple[bool, str]
"""Is the object as its spec wants it, and in what state that is."""

ALWAYS_READY = frozenset({"ConfigMap", "Secret", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ServiceAccount"})


def compute(obj: Object) -> Computed:
    """What the status of any object says about it."""
    kind, generation = obj.get("kind", ""), at(obj, "metadata", "generation", default=0)
    observed = at(obj, "status", "observedGeneration")
    if at(obj, "metadata", "deletionTimestamp"):
        return False, "Resource scheduled for deletion"
    if observed is not None and observed != generation:
        return False, f"{kind} generation is {generation}, but latest observed generation is {observed}"
    for hindrance in ("Reconciling", "Stalled"):
        if is_true(obj, hindrance):
            return False, condition(obj, hindrance).get("message", "")
    if kind in ALWAYS_READY:
        return True, "Resource is always ready"
    return BY_KIND.get(kind, _by_ready_condition)(obj)


def _by_ready_condition(obj: Object) -> Computed:
    ready = condition(obj, "Ready")
    if not ready:
        return True, "Resource is current"
    return (True, "Resource is Ready") if ready.get("status") == "True" else (False, ready.get("message", ""))


def _daemon_set(obj: Object) -> Computed:
    status = at(obj, "status", default={})
    if "observedGeneration" not in status:
        return False, "DaemonSet status.observedGeneration not found"
    wanted = status.get("desiredNumberScheduled")
    if wanted is None:
        return False, "Missing .status.desiredNumberScheduled"
    counts = {
        "Current": "currentNumberScheduled",
        "Updated": "updatedNumberScheduled",
        "Available": "numberAvailable",
        "Ready": "numberReady",
    }
    for word, count in counts.items():
        if status.get(count, 0) < wanted:
            return False, f"{word}: {status.get(count, 0)}/{wanted}"
    return True, f"All replicas scheduled as expected. Replicas: {wanted}"


def _replica_set(obj: Object) -> Computed:
    status, wanted = at(obj, "status", default={}), at(obj, "spec", "replicas", default=1)
    if is_true(obj, "ReplicaFailure"):
        return False, "Replica Failure condition. Check Pods"
    for word, count in {"Labeled": "fullyLabeledReplicas", "Available": "availableReplicas", "Ready": "readyReplicas"}.items():
        if status.get(count, 0) < wanted:
            return False, f"{word}: {status.get(count, 0)}/{wanted}"
    return True, f"ReplicaSet is available. Replicas: {wanted}"


def _definition(obj: Object) -> Computed:
    for needed in ("NamesAccepted", "Established"):
        item = condition(obj, needed)
        if item.get("status") == "False" and item.get("reason") != "Installing":
            return False, item.get("message", "")
    return (True, "CRD is established") if is_true(obj, "Established") else (False, "Install in progress")


BY_KIND: dict[str, Callable[[Object], Computed]] = {
    "DaemonSet": _daemon_set,
    "ReplicaSet": _replica_set,
    "CustomResourceDefinition": _definition,
}


def assess(seen: Observed) -> Verdict:
    current, message = compute(seen.live)
    line = (Line(message),) if message else ()
    return Done(line) if current else Waiting(line)


DAEMON_SET = Rule(assess, timed_out=CONDITION_TIMED_OUT, cancelled=CONTEXT_CANCELED)
DEFINITION = Rule(assess, checked_on_refresh=False, timed_out=CONDITION_TIMED_OUT, cancelled=CONTEXT_CANCELED)
ANY = DEFINITION
