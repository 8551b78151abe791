from __future__ import annotations

from typing import Any

import pytest

from headroom.plugins.kubernetes.awaiting.rules.job import assess, is_failed_job
from headroom.plugins.kubernetes.awaiting.verdict import Done, Failed, Line, Observed, Waiting
from headroom.plugins.kubernetes.client import Object
from tests.plugins.kubernetes.awaiting.states import INITIALIZED, SCHEDULED, UNREADY, condition, container, obj, owned, pod

START = Line('Waiting for Job "ns/j" to start')
EXCEEDED = condition("Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit")


def job(*conditions: Object, **status: Any) -> Object:
    return obj("batch/v1", "Job", "j", status={"conditions": list(conditions), **status})


def test_a_job_that_has_not_started_waits() -> None:
    assert assess(Observed(job())) == Waiting((START,))


def test_a_running_job_counts_its_pods() -> None:
    verdict = assess(Observed(job(startTime="t", active=1)))
    assert verdict == Waiting((START, Line('Waiting for Job "ns/j" to succeed (Active: 1 | Succeeded: 0 | Failed: 0)')))


def test_a_complete_job_is_ready() -> None:
    assert isinstance(assess(Observed(job(condition("Complete", "True"), startTime="t", succeeded=1))), Done)


@pytest.mark.parametrize("reason", ["BackoffLimitExceeded", "DeadlineExceeded", "PodFailurePolicy"])
def test_a_failed_job_fails_at_once_with_the_controllers_reason(reason: str) -> None:
    verdict = assess(Observed(job(condition("Failed", "True", reason, "told"), startTime="t", failed=1)))
    assert isinstance(verdict, Failed)
    assert verdict.reasons == (f"[{reason}] told",)


def test_its_pods_complaints_come_before_the_failure() -> None:
    live = job(EXCEEDED, startTime="t", failed=1)
    ended = container({"terminated": {"reason": "Error", "exitCode": 3}})
    verdict = assess(Observed(live, {"Pod": [owned(pod(SCHEDULED, INITIALIZED, UNREADY, containers=(ended,)), live)]}))
    assert isinstance(verdict, Failed)
    assert verdict.reasons[0].endswith('container "c" completed with exit code 3')


def test_unready_containers_of_a_running_job_are_no_progress_warning() -> None:
    live = job(startTime="t", active=1)
    verdict = assess(Observed(live, {"Pod": [owned(pod(SCHEDULED, INITIALIZED, UNREADY), live)]}))
    assert all(line.severity == "info" for line in verdict.lines)


@pytest.mark.parametrize(
    ("live", "failed"),
    [
        (job(EXCEEDED), True),
        (job(condition("Complete", "True")), False),
        (job(), False),
        (obj("ex.io/v1", "Task", "t", status={"conditions": [EXCEEDED]}), False),
    ],
)
def test_is_failed_job(live: Object, failed: bool) -> None:
    assert is_failed_job(live) is failed
