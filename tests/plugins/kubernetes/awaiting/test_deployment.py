from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.awaiting.rules.deployment import assess, related
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Waiting
from headroom.plugins.kubernetes.client import Object
from tests.plugins.kubernetes.awaiting.states import (
    AVAILABLE,
    CRASH_LOOP,
    INITIALIZED,
    LATE,
    ROLLED,
    ROLLING,
    SCHEDULED,
    UNAVAILABLE,
    UNREADY,
    UNSCHEDULABLE,
    deployment,
    obj,
    owned,
    pod,
    replica_set,
)

NONE_LIVE = "Minimum number of live Pods was not attained"
TOO_FEW = "Minimum number of Pods to consider the application live was not attained"
NOT_ROLLED = "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live"
UNAVAILABLE_TEXT = "[MinimumReplicasUnavailable] Deployment does not have minimum availability."


def look(
    live: Object, *replica_sets: Object, pods: list[Object] | None = None, claims: list[Object] | None = None, elapsed: float = 0
) -> Observed:
    found = {"ReplicaSet": list(replica_sets), "Pod": pods or [], "PersistentVolumeClaim": claims or []}
    return Observed(live, found, elapsed=elapsed, quiet=0)


def claim(phase: str) -> Object:
    return obj("v1", "PersistentVolumeClaim", "data", status={"phase": phase})


@pytest.mark.parametrize(
    ("live", "ready"),
    [
        pytest.param(deployment(AVAILABLE, ROLLING), 1, id="the first revision needs no finished rollout"),
        pytest.param(deployment(AVAILABLE, ROLLED, revision=2, generation=4), 1, id="a later revision that has rolled out"),
    ],
)
def test_is_ready(live: Object, ready: int) -> None:
    revision = int(live["metadata"]["annotations"]["deployment.kubernetes.io/revision"])
    verdict = assess(look(live, replica_set(live, revision=revision, ready=ready)))
    assert verdict == Done((Line("Deployment initialization complete"),))


@pytest.mark.parametrize(
    ("live", "revision", "ready", "reasons"),
    [
        pytest.param(deployment(UNAVAILABLE), 1, 0, (UNAVAILABLE_TEXT, NONE_LIVE), id="stuck at creation"),
        pytest.param(deployment(AVAILABLE, ROLLING, revision=3), 3, 0, (TOO_FEW,), id="stuck update beside a live revision"),
        pytest.param(deployment(AVAILABLE, ROLLED, revision=3), 3, 0, (NOT_ROLLED,), id="rolled out, then lost its Pods"),
        pytest.param(deployment(AVAILABLE), 1, 0, (TOO_FEW,), id="available, but fewer Pods than wanted"),
        pytest.param(
            deployment(UNAVAILABLE, LATE, revision=2),
            2,
            0,
            (UNAVAILABLE_TEXT, '[ProgressDeadlineExceeded] ReplicaSet "d-1" has timed out progressing.', NONE_LIVE),
            id="progress deadline exceeded",
        ),
        pytest.param(deployment(AVAILABLE, ROLLED, generation=2, observed=1), 1, 1, (NONE_LIVE,), id="status of the spec before"),
        pytest.param(deployment(AVAILABLE, ROLLED, revision=2), 1, 1, (NOT_ROLLED,), id="only the ReplicaSet of the revision before"),
    ],
)
def test_is_not_ready(live: Object, revision: int, ready: int, reasons: tuple[str, ...]) -> None:
    verdict = assess(look(live, replica_set(live, revision=revision, ready=ready)))
    assert isinstance(verdict, Waiting)
    assert verdict.reasons == reasons


def test_progress_counts_the_pods_of_the_present_replica_set() -> None:
    live = deployment(UNAVAILABLE, revision=2)
    verdict = assess(look(live, replica_set(live, revision=1, wanted=3, ready=3), replica_set(live, revision=2, wanted=3, ready=1)))
    assert verdict.lines == (
        Line(UNAVAILABLE_TEXT, "warning"),
        Line("Waiting for app ReplicaSet to be available (1/3 Pods available)"),
    )


def test_another_deployments_replica_set_does_not_count() -> None:
    live, other = deployment(AVAILABLE), deployment(AVAILABLE)
    other["metadata"]["uid"] = "other"
    assert isinstance(assess(look(live, replica_set(other, ready=1))), Waiting)


def test_no_replicas_wanted_is_ready_with_a_warning() -> None:
    live = deployment(AVAILABLE)
    verdict = assess(look(live, replica_set(live, wanted=0)))
    assert isinstance(verdict, Done)
    assert verdict.lines[0] == Line('Replicas scaled to 0 for Deployment "d"', "warning")


def test_an_unbound_claim_holds_it_back() -> None:
    live = deployment(AVAILABLE, claims=("data",))
    verdict = assess(look(live, replica_set(live, ready=1), claims=[claim("Pending")]))
    assert isinstance(verdict, Waiting)
    assert verdict.reasons == ('Failed to bind PersistentVolumeClaim(s): "data"',)


def test_a_bound_claim_does_not() -> None:
    live = deployment(AVAILABLE, claims=("data",))
    assert isinstance(assess(look(live, replica_set(live, ready=1), claims=[claim("Bound")])), Done)


def test_what_its_pods_complain_about_is_a_reason() -> None:
    live = deployment(UNAVAILABLE)
    current = replica_set(live)
    crashing = owned(pod(SCHEDULED, INITIALIZED, UNREADY, containers=(CRASH_LOOP,)), current)
    verdict = assess(look(live, current, pods=[crashing]))
    assert isinstance(verdict, Waiting)
    assert verdict.reasons[-1].startswith("[Pod ns/p]: containers with unready status: [c][CrashLoopBackOff] back-off")


def test_a_pod_that_waits_for_a_node_is_no_reason() -> None:
    live = deployment(UNAVAILABLE)
    current = replica_set(live)
    verdict = assess(look(live, current, pods=[owned(pod(UNSCHEDULABLE), current)]))
    assert isinstance(verdict, Waiting)
    assert verdict.reasons == (UNAVAILABLE_TEXT, NONE_LIVE)


@pytest.mark.parametrize(("elapsed", "told"), [(9, False), (10, True)])
def test_unready_pods_are_progress_only_after_a_while(elapsed: float, told: bool) -> None:
    live = deployment(UNAVAILABLE)
    current = replica_set(live)
    verdict = assess(look(live, current, pods=[owned(pod(SCHEDULED, INITIALIZED, UNREADY), current)], elapsed=elapsed))
    assert (Line("[Pod ns/p]: containers with unready status: [c]", "warning") in verdict.lines) is told


def test_asks_for_what_its_selector_and_volumes_name() -> None:
    asked = {query.gvk.kind: query.labels or query.name for query in related(deployment(claims=("data",)))}
    assert asked == {"ReplicaSet": "app=x", "Pod": "app=x", "PersistentVolumeClaim": "data"}
