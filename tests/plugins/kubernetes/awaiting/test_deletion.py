from __future__ import annotations

import threading
from typing import Any

import pytest

from headroom.plugins.kubernetes.awaiting import Cancelled, StillThere, wait_deleted
from headroom.plugins.kubernetes.client import Object
from headroom.plugins.kubernetes.errors import ClusterError, Unreachable
from tests.plugins.kubernetes.awaiting.fakes import GONE, FakeClock, FakeReader, Told
from tests.plugins.kubernetes.awaiting.states import obj


class Case:
    def __init__(self, *looks: Object | ClusterError) -> None:
        self.reader, self.clock, self.told, self.cancelled = FakeReader(list(looks)), FakeClock(), Told(), threading.Event()
        self.began = self.clock.now()

    def wait(self, live: Object, *, inputs: Object | None = None, timeout: float | None = 6) -> None:
        wait_deleted(
            self.reader, live, inputs=inputs or live, timeout=timeout, cancelled=self.cancelled, report=self.told, clock=self.clock
        )

    @property
    def seconds(self) -> float:
        return self.clock.now() - self.began


def config(**metadata: Any) -> Object:
    return obj("v1", "ConfigMap", "c", **metadata)


def terminating(*finalizers: str) -> Object:
    return config(deletionTimestamp="t", finalizers=list(finalizers))


def test_it_ends_when_the_object_is_gone() -> None:
    case = Case(terminating(), terminating(), GONE)
    case.wait(config())
    assert case.told.lines == [("info", "Resource scheduled for deletion")]


def test_another_object_of_the_same_name_is_not_waited_for() -> None:
    Case(config(uid="younger")).wait(config(uid="older"))


def test_a_finalizer_that_stays_is_named() -> None:
    case = Case(terminating("ex.io/x", "ex.io/y"))
    with pytest.raises(StillThere) as stop:
        case.wait(config(), timeout=6)
    assert stop.value.warning == "finalizers might be preventing deletion (ex.io/x, ex.io/y)"
    assert stop.value.message == "timed out waiting for the condition"
    assert case.seconds == 6


def test_a_namespace_with_stuck_contents_names_no_finalizer() -> None:
    with pytest.raises(StillThere) as stop:
        Case(terminating()).wait(config())
    assert stop.value.warning == "finalizers might be preventing deletion ()"


def test_without_a_timeout_it_waits_ten_minutes() -> None:
    case = Case(terminating())
    with pytest.raises(StillThere):
        case.wait(config(), timeout=None)
    assert case.seconds == pytest.approx(600)


def test_cancelling_ends_the_wait() -> None:
    case = Case(terminating("ex.io/x"))
    case.clock.at(2, case.cancelled.set)
    with pytest.raises(Cancelled) as stop:
        case.wait(config(), timeout=60)
    assert stop.value.reasons == ["context canceled"]


def test_an_api_server_that_is_away_for_a_while_does_not_end_the_wait() -> None:
    case = Case(Unreachable("connection refused"), GONE)
    case.wait(config())
    assert case.told.lines == [("warning", "unexpected error while checking cluster state: connection refused")]


SKIP = {"pulumi.com/skipAwait": "true"}


@pytest.mark.parametrize(("api_version", "kind"), [("v1", "Namespace"), ("apps/v1", "Deployment"), ("batch/v1", "Job")])
def test_skip_await_also_skips_the_wait_for_deletion_of_workloads_and_namespaces(api_version: str, kind: str) -> None:
    case = Case()
    case.wait(obj(api_version, kind, "x", annotations=SKIP))
    assert case.reader.asked == 0
    assert case.told.lines == [("info", "Skipping await logic")]


def test_skip_await_does_not_skip_it_for_other_kinds() -> None:
    case = Case(GONE)
    case.wait(config(annotations=SKIP))
    assert case.reader.asked == 1
