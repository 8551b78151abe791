from __future__ import annotations

import threading
from typing import Any

import pytest

from headroom.plugins.kubernetes.awaiting import BadWaitFor, Cancelled, NotReady, wait_ready
from headroom.plugins.kubernetes.awaiting.loop import Operation
from headroom.plugins.kubernetes.client import Object
from headroom.plugins.kubernetes.errors import ClusterError, Unreachable
from tests.plugins.kubernetes.awaiting.fakes import GONE, FakeClock, FakeReader, Told
from tests.plugins.kubernetes.awaiting.states import (
    AVAILABLE,
    INITIALIZED,
    READY,
    SCHEDULED,
    UNAVAILABLE,
    condition,
    deployment,
    endpoint_slice,
    obj,
    pod,
    replica_set,
    service,
)

EXCEEDED = condition("Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit")


class Case:
    """One wait, with all its knobs."""

    def __init__(self, *looks: Object | ClusterError, **related: list[Object]) -> None:
        self.reader, self.clock, self.told, self.cancelled = FakeReader(list(looks), related), FakeClock(), Told(), threading.Event()
        self.began = self.clock.now()

    def wait(self, live: Object, *, operation: Operation = "create", timeout: float | None = 8, inputs: Object | None = None) -> Object:
        return wait_ready(
            self.reader,
            live,
            inputs=inputs or live,
            operation=operation,
            timeout=timeout,
            cancelled=self.cancelled,
            report=self.told,
            clock=self.clock,
        )

    @property
    def seconds(self) -> float:
        return self.clock.now() - self.began


def annotated(**annotations: str) -> Object:
    return obj("v1", "ConfigMap", "c", annotations={f"pulumi.com/{key}": value for key, value in annotations.items()})


def stuck(**replica_set_state: Any) -> tuple[Object, Object]:
    live = deployment(UNAVAILABLE)
    return live, replica_set(live, **replica_set_state)


def test_a_kind_without_rule_is_ready_without_a_request() -> None:
    case = Case()
    live = obj("v1", "ConfigMap", "c")
    assert case.wait(live) is live
    assert case.reader.asked == 0


def test_the_object_returned_is_the_one_that_was_ready() -> None:
    ready = pod(SCHEDULED, INITIALIZED, READY)
    assert Case(pod(), pod(SCHEDULED), ready).wait(pod()) is ready


def test_progress_is_told_once_while_it_stays_the_same() -> None:
    case = Case(pod(), pod(), pod(SCHEDULED, INITIALIZED, READY))
    case.wait(pod())
    stages = ["scheduled", "initialized", "ready"]
    assert case.told.texts() == [f'Waiting for Pod "ns/p" to be {stage}' for stage in stages]


def test_a_timeout_names_the_object_and_the_reasons() -> None:
    live, current = stuck()
    case = Case(live, ReplicaSet=[current])
    with pytest.raises(NotReady) as stop:
        case.wait(live, timeout=8)
    assert stop.value.reasons == [
        "'d' timed out waiting to be Ready",
        "[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
        "Minimum number of live Pods was not attained",
    ]
    assert case.seconds == 8


def test_the_last_look_is_at_the_very_end() -> None:
    case = Case(pod(), ReplicaSet=[])
    case.clock.at(7.9, lambda: case.reader.looks.__setitem__(0, pod(SCHEDULED, INITIALIZED, READY)))
    case.wait(pod(), timeout=8)
    assert case.seconds == 8


def test_without_a_timeout_it_waits_ten_minutes() -> None:
    case = Case(pod())
    with pytest.raises(NotReady):
        case.wait(pod(), timeout=None)
    assert case.seconds == pytest.approx(600)


def test_a_claim_waits_five_minutes_whatever_its_timeout() -> None:
    claim = obj("v1", "PersistentVolumeClaim", "pvc1", status={"phase": "Pending"})
    case = Case(claim)
    with pytest.raises(NotReady) as stop:
        case.wait(claim, timeout=8)
    assert stop.value.reasons == ["Timeout occurred polling for 'pvc1'"]
    assert case.seconds == pytest.approx(300)


def test_a_failure_ends_the_wait_at_once() -> None:
    job = obj("batch/v1", "Job", "j3", status={"startTime": "t", "failed": 1, "conditions": [EXCEEDED]})
    case = Case(job)
    with pytest.raises(NotReady) as stop:
        case.wait(job)
    assert stop.value.reasons == [
        "Resource 'j3' was created but failed to initialize",
        "[BackoffLimitExceeded] Job has reached the specified backoff limit",
    ]
    assert case.seconds == 0


def test_cancelling_ends_the_wait_with_what_is_missing() -> None:
    live, current = stuck()
    case = Case(live, ReplicaSet=[current])
    case.clock.at(3, case.cancelled.set)
    with pytest.raises(Cancelled) as stop:
        case.wait(live, timeout=60)
    assert stop.value.reasons[0] == 'Resource operation was cancelled for "d"'
    assert stop.value.reasons[-1] == "Minimum number of live Pods was not attained"
    assert case.seconds < 5


def test_a_service_settles_after_its_last_endpoint_change() -> None:
    case = Case(service(), EndpointSlice=[endpoint_slice(False)])
    case.clock.at(5, lambda: case.reader.related.update(EndpointSlice=[endpoint_slice(True) | {"metadata": {"resourceVersion": "2"}}]))
    case.wait(service(), timeout=60)
    assert 15 <= case.seconds < 17


def test_a_service_whose_time_ends_before_it_settles_is_ready() -> None:
    case = Case(service(), EndpointSlice=[endpoint_slice()])
    case.wait(service(), timeout=8)
    assert case.seconds == 8


def test_a_cancelled_service_that_lacks_nothing_is_ready() -> None:
    case = Case(service(), EndpointSlice=[endpoint_slice()])
    case.cancelled.set()
    case.wait(service())


def test_an_api_server_that_is_away_for_a_while_does_not_end_the_wait() -> None:
    case = Case(Unreachable("connection refused"), pod(SCHEDULED, INITIALIZED, READY))
    case.wait(pod())
    assert ("warning", "connection refused") in case.told.lines


@pytest.mark.parametrize("seen", [GONE, obj("v1", "Pod", "p", uid="another")], ids=["gone", "made again"])
def test_an_object_that_was_deleted_is_not_waited_for(seen: Object | ClusterError) -> None:
    case = Case(pod(), seen)
    with pytest.raises(NotReady) as stop:
        case.wait(pod())
    assert stop.value.reasons == ["Resource 'p' was created but failed to initialize", "It was deleted while it was waited for"]
    assert case.seconds < 1


def test_warnings_of_the_objects_events_are_progress() -> None:
    event = {"reason": "FailedScheduling", "message": "0/1 nodes are available."}
    case = Case(pod(), Event=[event])
    with pytest.raises(NotReady):
        case.wait(pod())
    assert case.told.texts(["warning"]) == ["FailedScheduling: 0/1 nodes are available."]
    assert case.reader.events_of == "involvedObject.uid=Pod-p,type=Warning"


# Annotations


@pytest.mark.parametrize("operation", ["create", "update"])
def test_skip_await_is_ready_without_a_request(operation: Operation) -> None:
    case = Case()
    live = deployment(UNAVAILABLE)
    live["metadata"]["annotations"]["pulumi.com/skipAwait"] = "true"
    case.wait(live, operation=operation)
    assert case.told.lines == [("info", "Skipping await logic")]
    assert case.reader.asked == 0


def test_wait_for_replaces_the_built_in_rule() -> None:
    live = deployment(AVAILABLE)
    live["metadata"]["annotations"]["pulumi.com/waitFor"] = "condition=Available"
    Case(live).wait(live)


def test_wait_for_works_on_any_kind_and_times_out_in_its_own_words() -> None:
    live = annotated(waitFor="condition=Ready")
    case = Case(live)
    with pytest.raises(NotReady) as stop:
        case.wait(live, timeout=6)
    assert stop.value.reasons == ["timed out waiting for the condition"]
    assert case.seconds == 6


def test_a_bad_wait_for_is_refused_without_a_request() -> None:
    case = Case()
    with pytest.raises(BadWaitFor):
        case.wait(annotated(waitFor="nonsense"))
    assert case.reader.asked == 0


# All kinds


def test_await_all_waits_for_the_ready_condition_of_any_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_K8S_AWAIT_ALL", "true")
    live = obj("g.io/v1", "Widget", "w", status={"conditions": [condition("Ready", "False", message="not yet")]})
    with pytest.raises(NotReady) as stop:
        Case(live).wait(live)
    assert stop.value.reasons == ["timed out waiting for the condition"]


def test_a_custom_resource_is_not_waited_for_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_K8S_AWAIT_ALL", raising=False)
    live = obj("g.io/v1", "Widget", "w", status={"conditions": [condition("Ready", "False")]})
    assert Case().wait(live) is live


# Refresh


def test_refresh_judges_once_and_does_not_wait() -> None:
    live, current = stuck()
    case = Case(ReplicaSet=[current])
    with pytest.raises(NotReady) as stop:
        case.wait(live, operation="read")
    assert stop.value.reasons[0] == "Resource 'd' was created but failed to initialize"
    assert stop.value.reasons[-1] == "Minimum number of live Pods was not attained"
    assert case.seconds == 0


def test_refresh_of_a_healthy_object_returns_it() -> None:
    live = pod(SCHEDULED, INITIALIZED, READY)
    assert Case().wait(live, operation="read") is live


def test_refresh_lets_endpoints_count_as_settled() -> None:
    Case(EndpointSlice=[endpoint_slice(True)]).wait(service(), operation="read")


@pytest.mark.parametrize(
    "live",
    [
        pytest.param(annotated(waitFor="condition=Ready"), id="waitFor"),
        pytest.param(obj("v1", "PersistentVolumeClaim", "c", status={"phase": "Pending"}), id="a claim"),
        pytest.param(annotated(skipAwait="true"), id="skipAwait"),
    ],
)
def test_refresh_does_not_judge(live: Object) -> None:
    case = Case()
    assert case.wait(live, operation="read") is live
    assert case.told.lines == []
