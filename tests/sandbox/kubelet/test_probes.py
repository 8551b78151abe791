"""A probe's result follows from its outcomes as in a kubelet."""

from __future__ import annotations

import pytest

from headroom.sandbox.kubelet.probes import Judgement, Kind, Probe, Result, port_number


def probe(kind: Kind = Kind.READINESS, **thresholds: int) -> Probe:
    return Probe(kind, "httpGet", {}, **thresholds)


def results(judged: Judgement, outcomes: str) -> str:
    """One letter per outcome: + and - for a look, the result after it as + - ?."""
    letters = {Result.SUCCESS: "+", Result.FAILURE: "-", Result.UNKNOWN: "?"}
    said = []
    for outcome in outcomes:
        judged.observe(outcome == "+")
        said.append(letters[judged.result])
    return "".join(said)


@pytest.mark.parametrize(
    ("kind", "result"),
    [(Kind.READINESS, Result.FAILURE), (Kind.LIVENESS, Result.SUCCESS), (Kind.STARTUP, Result.UNKNOWN)],
)
def test_before_the_first_look(kind: Kind, result: Result) -> None:
    assert Judgement(probe(kind)).result is result


def test_one_success_makes_ready_by_default() -> None:
    assert results(Judgement(probe()), "+") == "+"


def test_readiness_is_lost_after_as_many_failures_in_a_row_as_the_threshold_says() -> None:
    assert results(Judgement(probe(failure_threshold=3)), "+--+---+") == "+++++" + "+-+"


def test_a_success_threshold_is_counted_in_a_row() -> None:
    assert results(Judgement(probe(success_threshold=2)), "+-++") == "---+"


def test_a_failing_startup_probe_decides_only_at_its_threshold() -> None:
    judged = Judgement(probe(Kind.STARTUP, failure_threshold=2))
    assert [judged.observe(False), judged.observe(False)] == [False, True]


def test_what_a_manifest_leaves_out_has_the_defaults_of_the_api() -> None:
    found = Probe.of({"readinessProbe": {"tcpSocket": {"port": 80}}}, Kind.READINESS)
    assert found == Probe(Kind.READINESS, "tcpSocket", {"port": 80}, 0, 10, 1, 1, 3)


def test_a_container_without_the_probe_has_none() -> None:
    assert Probe.of({"readinessProbe": {"tcpSocket": {"port": 80}}}, Kind.LIVENESS) is None


@pytest.mark.parametrize(("now", "seconds"), [(100.0, 5.0), (103.0, 2.0), (120.0, 0.0)])
def test_the_initial_delay_counts_from_the_containers_start(now: float, seconds: float) -> None:
    assert Probe(Kind.READINESS, "exec", {}, initial_delay=5).first_look(100.0, now) == seconds


@pytest.mark.parametrize(("port", "number"), [(80, 80), ("http", 8000), ("80", 80), ("grpc", None)])
def test_a_port_is_a_number_or_the_name_of_a_port_of_the_container(port: int | str, number: int | None) -> None:
    assert port_number({"ports": [{"name": "http", "containerPort": 8000}]}, port) == number
