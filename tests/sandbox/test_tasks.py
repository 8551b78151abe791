"""Tasks run once what they need is done, and nothing is begun after a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from headroom.sandbox import tasks
from headroom.sandbox.tasks import Task


def noting(done: list[str], name: str) -> Callable[[], None]:
    return lambda: done.append(name)


def test_a_task_waits_for_all_it_needs() -> None:
    done: list[str] = []
    needs = {"etcd": (), "api": ("etcd",), "crds": ("api",), "operator": ("crds", "api")}
    tasks.run([Task(name, needs[name], noting(done, name)) for name in reversed(needs)])
    assert done == ["etcd", "api", "crds", "operator"]


def test_what_does_not_depend_on_each_other_runs_at_once() -> None:
    both = threading.Barrier(2, timeout=5)

    def meet() -> None:
        both.wait()

    tasks.run([Task("scheduler", (), meet), Task("controllers", (), meet)])


def test_after_a_failure_nothing_more_is_begun() -> None:
    done: list[str] = []

    def fail() -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        tasks.run([Task("etcd", (), fail), Task("api", ("etcd",), noting(done, "api"))])
    assert done == []


def test_a_failure_is_told_without_waiting_for_what_runs() -> None:
    done: list[str] = []
    told = threading.Event()

    def run_on() -> None:
        told.wait(10)
        done.append("api")

    def fail() -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        tasks.run([Task("api", (), run_on), Task("etcd", (), fail)])
    assert done == []
    told.set()


def test_a_need_that_nothing_meets_is_refused() -> None:
    with pytest.raises(ValueError, match="api needs etcd"):
        tasks.check([Task("api", ("etcd",), lambda: None)])


def test_needs_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="circle: a, b"):
        tasks.check([Task("a", ("b",), lambda: None), Task("b", ("a",), lambda: None)])
