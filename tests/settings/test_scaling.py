"""What a stack file may say about the backend of a server, its sleep and its fallback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.settings.autoscaling import Backend
from tests.settings.stack_files import DEMO, accepted, changed, problems, without

AT = f"{DEMO}/autoscaling"
FOUND = "servers.demo.autoscaling"
QUERY = "rate(traefik_service_requests_total[1m])"
SLEEPS = ((f"{AT}/backend", "keda"), (f"{AT}/replicas/min", 0), (f"{AT}/wake", {"query": QUERY}))


def refused(directory: Path, *changes: tuple[str, Any]) -> dict[str, str]:
    return {path.removeprefix(f"{FOUND}."): message for path, message in problems(directory, changed(*changes)).items()}


def test_the_backend_is_keda_where_nothing_is_said(tmp_path: Path) -> None:
    stack = accepted(tmp_path, without(f"{AT}/backend"))
    assert stack.servers["demo"].autoscaling.backend is Backend.KEDA


def test_a_server_may_sleep_where_something_in_front_of_it_wakes_it(tmp_path: Path) -> None:
    wake = accepted(tmp_path, changed(*SLEEPS)).servers["demo"].autoscaling.wake
    assert wake is not None
    assert (wake.query, wake.after) == (QUERY, 600)


def test_zero_needs_something_that_wakes(tmp_path: Path) -> None:
    found = refused(tmp_path, (f"{AT}/backend", "keda"), (f"{AT}/replicas/min", 0))
    assert "a signal emitted by the pods themselves can never wake the server" in found["wake"]


@pytest.mark.parametrize("own", ["nv_inference_pending_request_count", "headroom:requests_waiting:server"])
def test_what_the_pods_emit_cannot_wake_them(tmp_path: Path, own: str) -> None:
    found = refused(tmp_path, *SLEEPS, (f"{AT}/wake/query", f"sum({own}) or vector(0)"))
    assert found["wake.query"].startswith(f"{own} comes from the server's own pods: a signal emitted by the pods themselves can never wake")


def test_the_requests_for_a_route_wake_too(tmp_path: Path) -> None:
    routed = ((f"{DEMO}/route", {}), ("headroom:platform/traefik", "existing"))
    accepted(tmp_path, changed(*SLEEPS, *routed, (f"{AT}/wake", {})))


def test_zero_needs_keda(tmp_path: Path) -> None:
    assert refused(tmp_path, *SLEEPS, (f"{AT}/backend", "hpa"))["replicas.min"].startswith("0 needs backend keda")


def test_a_server_that_always_runs_needs_no_waking(tmp_path: Path) -> None:
    assert "leave wake out" in refused(tmp_path, *SLEEPS, (f"{AT}/replicas/min", 1))["wake"]


def test_a_server_without_a_route_says_what_counts_its_requests(tmp_path: Path) -> None:
    assert refused(tmp_path, *SLEEPS, (f"{AT}/wake", {"after": "10m"}))["wake.query"].startswith("is required")


def test_a_few_missed_scrapes_put_no_server_to_sleep(tmp_path: Path) -> None:
    found = refused(tmp_path, *SLEEPS, (f"{AT}/wake/after", "60s"))
    assert found["wake.after"] == "is shorter than eight scrapes: a few missed ones would put the server to sleep; set 120s or more"


def test_a_fallback_is_kedas(tmp_path: Path) -> None:
    assert refused(tmp_path, (f"{AT}/fallback", 2))["fallback"].startswith("is KEDA's")


def test_a_fallback_stays_within_the_bounds(tmp_path: Path) -> None:
    assert "larger than replicas.max" in refused(tmp_path, (f"{AT}/backend", "keda"), (f"{AT}/fallback", 9))["fallback"]


@pytest.mark.parametrize("add_on", ["monitoring", "keda"])
def test_keda_reads_through_add_ons_that_must_be_there(tmp_path: Path, add_on: str) -> None:
    found = refused(tmp_path, (f"{AT}/backend", "keda"), (f"headroom:platform/{add_on}", "none"))
    assert found == {"backend": f"keda reads its signals through {add_on}, which platform.{add_on} says is not there"}


def test_keda_needs_no_adapter(tmp_path: Path) -> None:
    accepted(tmp_path, changed((f"{AT}/backend", "keda"), ("headroom:platform/prometheusAdapter", "none")))


@pytest.mark.parametrize("signal", ["cpu", "memory"])
def test_resource_signals_need_metrics_server(tmp_path: Path, signal: str) -> None:
    found = refused(tmp_path, (f"{AT}/signals", {signal: "70%"}), ("headroom:platform/metricsServer", "none"))
    assert found[f"signals.{signal}"].startswith("is measured by metrics-server")
