"""Shapes as API server 1.36 and its HPA controller write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from headroom.sandbox.scenarios import looks


def hpa(active: str = "True", reason: str = "ValidMetricFound", metrics: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    conditions = [{"type": "AbleToScale", "status": "True"}, {"type": "ScalingActive", "status": active, "reason": reason}]
    return {"status": {"currentReplicas": 1, "desiredReplicas": 2, "conditions": conditions, "currentMetrics": metrics}}


OBJECT = {"type": "Object", "object": {"metric": {"name": "headroom:queue_time_seconds:server"}, "current": {"value": "233m"}}}
PODS = {"type": "Pods", "pods": {"metric": {"name": "headroom:requests_waiting:pod"}, "current": {"averageValue": "1500m"}}}


def test_an_object_metric_is_seen_by_its_value() -> None:
    assert looks.seen(hpa(metrics=[OBJECT])) == 0.233


def test_a_pods_metric_is_seen_by_its_average() -> None:
    assert looks.seen(hpa(metrics=[PODS])) == 1.5


def test_the_metric_that_is_asked_for_is_seen_wherever_it_stands() -> None:
    cpu = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 40}}}
    both = hpa(metrics=[cpu, OBJECT, PODS])
    assert [looks.seen(both, name) for name in ("headroom:requests_waiting:pod", "cpu", "other")] == [1.5, 40, None]


def test_cpu_is_seen_by_the_percentage_that_its_target_is_given_in() -> None:
    cpu = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 0, "averageValue": "3m"}}}
    assert looks.seen(hpa(metrics=[cpu])) == 0


def test_a_value_from_before_the_autoscaler_went_blind_is_not_believed() -> None:
    assert looks.seen(hpa(active="False", reason="FailedGetObjectMetric", metrics=[OBJECT])) is None


def test_a_new_autoscaler_has_seen_nothing() -> None:
    assert looks.seen({"metadata": {"name": "demo"}}) is None


def test_a_metric_without_a_current_value_is_unknown() -> None:
    assert looks.seen(hpa(metrics=[{"type": ""}])) is None


def test_the_autoscalers_complaint_is_in_its_own_words() -> None:
    status = {"conditions": [{"type": "ScalingActive", "status": "False", "reason": "FailedGetObjectMetric", "message": "no such metric"}]}
    assert looks.complaint({"status": status}) == "FailedGetObjectMetric: no such metric"


def test_an_active_autoscaler_has_no_complaint() -> None:
    assert looks.complaint(hpa()) is None


def test_a_deployment_without_ready_replicas_leaves_the_field_out() -> None:
    assert looks.ready({"status": {"replicas": 1}}) == 0


def test_a_pod_that_is_being_deleted_counts_as_terminating() -> None:
    pods = [
        {"metadata": {}, "status": {"phase": "Running"}},
        {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Running"}},
        {"metadata": {}, "status": {"phase": "Pending"}},
    ]
    assert looks.phases(pods) == {"Pending": 1, "Running": 1, "Terminating": 1}


SINCE = datetime(2026, 1, 1, 12, 0, 0, 500_000, UTC)


def event(at: str, kind: str = "Warning", count: int = 1) -> dict[str, Any]:
    about = {"kind": "Pod", "name": "demo-1"}
    return {"type": kind, "reason": "Unhealthy", "message": at, "count": count, "lastTimestamp": at, "involvedObject": about}


def test_what_events_warned_of_since_then_is_told_in_the_order_of_time() -> None:
    late, later = "2026-01-01T12:00:00Z", "2026-01-01T12:00:09Z"
    events = [event(later, count=3), event("2026-01-01T11:59:59Z"), event(late), event(later, "Normal")]
    assert looks.warnings(events, SINCE) == [
        f"12:00:00 Pod demo-1: Unhealthy: {late}",
        f"12:00:09 Pod demo-1: Unhealthy: {later} (3 times)",
    ]


def test_events_in_the_schedulers_form_are_told_too() -> None:
    new = {
        "lastTimestamp": None,
        "eventTime": "2026-01-01T12:00:01.000000Z",
        "series": {"count": 4, "lastObservedTime": "2026-01-01T12:00:07Z"},
    }
    once = {"lastTimestamp": None, "eventTime": "2026-01-01T12:00:01.000000Z"}
    told = looks.warnings([{**event("a"), **new}, {**event("b"), **once}], SINCE)
    assert told == ["12:00:01 Pod demo-1: Unhealthy: b", "12:00:07 Pod demo-1: Unhealthy: a (4 times)"]


def test_of_a_message_in_lines_the_last_is_told() -> None:
    assert looks.warnings([{**event("2026-01-01T12:00:01Z"), "message": "Traceback\n  File\nOSError: no\n"}], SINCE)[0].endswith(
        ": OSError: no"
    )


def restarted(finished: str) -> dict[str, Any]:
    ended = {"exitCode": 1, "message": "no answer", "finishedAt": finished}
    scaler = {"name": "scaler", "restartCount": 2, "lastState": {"terminated": ended}}
    return {"metadata": {"name": "demo-1"}, "status": {"initContainerStatuses": [scaler], "containerStatuses": [{"name": "engine"}]}}


def test_a_container_that_was_started_again_is_told_with_how_it_ended() -> None:
    (told,) = looks.restarts(restarted("2026-01-01T12:00:05Z"), SINCE).values()
    assert told == "demo-1, container scaler: started again, 2 in all; ended last with 1: no answer"


def test_what_was_started_again_before_is_not_told() -> None:
    assert not looks.restarts(restarted("2026-01-01T11:00:00Z"), SINCE)
