"""The look at the cluster before anything is registered, under Pulumi's mocks: who is refused, and who is only warned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from components import preflight
from headroom.doctor.kinds import API_SERVICES, PREFLIGHT, Kind
from headroom.doctor.reading import Reading, Unread
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import Unreachable
from tests.components.program import Refused, run_program, stack_config
from tests.doctor.objects import api_service
from tests.evidence import Proof

Serve = Callable[..., None]
TAKEN = {API_SERVICES: [api_service("v1beta1.metrics.k8s.io", "kube-system/metrics-server")]}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Has the program find a cluster that says so."""

    def serve(objects: dict[Kind, Any] | None = None, *, unread: tuple[Kind, ...] = (), silent: bool = False) -> None:
        def read(_: Client, kinds: Any) -> Reading:
            assert kinds == PREFLIGHT
            if silent:
                raise Unreachable("connection refused")
            return Reading(objects or {}, tuple(Unread(kind, "you may not list them") for kind in unread))

        monkeypatch.setattr(Client, "from_kubeconfig", lambda *_, **__: None)
        monkeypatch.setattr(preflight, "read", read)

    return serve


def config(**platform: Any) -> dict[str, Any]:
    local = stack_config("local")
    local["headroom:platform"] = {**local["headroom:platform"], **platform}
    return local


def warnings(settings: dict[str, Any]) -> list[str]:
    said: list[str] = []
    with mock.patch("pulumi.log.warn", said.append):
        run_program("local", settings)
    return said


@pytest.mark.proves("a stack that would collide with its cluster is refused before anything is registered", Proof.SCHEMA)
def test_a_collision_is_refused_before_anything_is_registered(cluster: Serve) -> None:
    cluster(TAKEN, unread=tuple(kind for kind in PREFLIGHT if kind != API_SERVICES))
    with mock.patch("components.environment.Environment.__init__") as registered, pytest.raises(Refused) as refusal:
        run_program("local", config(metricsServer="helm", prometheusAdapter="helm"))
    assert "platform.metricsServer: would be a second owner of metrics.k8s.io" in str(refusal.value)
    assert registered.call_count == 0


def test_a_cluster_without_a_collision_is_none_of_its_business(cluster: Serve) -> None:
    cluster(unread=PREFLIGHT)
    assert run_program("local", config(metricsServer="helm")).resources


def test_a_cluster_that_does_not_answer_is_a_warning(cluster: Serve) -> None:
    cluster(silent=True)
    assert [said for said in warnings(config()) if "connection refused" in said]


def test_what_may_not_be_read_is_a_warning_that_says_what(cluster: Serve) -> None:
    cluster(unread=PREFLIGHT)
    (said,) = warnings(config())
    assert "apiservices.apiregistration.k8s.io: you may not list them; not known: who serves the metrics APIs" in said
