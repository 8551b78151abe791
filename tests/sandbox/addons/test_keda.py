"""KEDA's own programs: from a rule that Prometheus records to the replicas of a Deployment."""

from __future__ import annotations

import os
import signal
from typing import Any

import httpx
import pytest

from headroom.sandbox import Sandbox
from tests.evidence import Proof
from tests.sandbox.addons.conftest import Place
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(400)]

PROCESSES = ("keda-adapter", "keda-operator")


def recording(place: Place, value: float) -> dict[str, Any]:
    """A rule with which a series of this namespace has `value`."""
    rule = {"record": "headroom:wanted:server", "expr": f"vector({value})", "labels": {"namespace": place.name}}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "wanted"},
        "spec": {"groups": [{"name": place.name, "interval": "1s", "rules": [rule]}]},
    }


def scaled(place: Place) -> dict[str, Any]:
    """One replica for each 2 of the series, as the HPA averages it."""
    trigger = {
        "type": "prometheus",
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": "http://prometheus-operated.observability.svc:9090",
            "query": f'headroom:wanted:server{{namespace="{place.name}"}}',
            "threshold": "2",
            "ignoreNullValues": "false",
        },
    }
    at_once = {"scaleDown": {"stabilizationWindowSeconds": 0}}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "subject"},
        "spec": {
            "scaleTargetRef": {"name": "subject"},
            "pollingInterval": 2,
            "minReplicaCount": 1,
            "maxReplicaCount": 2,
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": at_once}},
            "triggers": [trigger],
        },
    }


@pytest.fixture
def subject(place: Place) -> Place:
    place.deploy("subject", "sleep 1000")
    place.apply(recording(place, 1), scaled(place))
    return place


@pytest.mark.proves("KEDA scales by a recorded series", Proof.REAL)
def test_a_scaled_object_adds_a_replica_and_takes_it_away_again(subject: Place) -> None:
    assert eventually(lambda: subject.get("hpa", "keda-hpa-subject"))
    subject.apply(recording(subject, 3))
    assert eventually(lambda: subject.replicas("subject") == 2)
    subject.apply(recording(subject, 1))
    assert eventually(lambda: subject.replicas("subject") == 1)


def test_prometheus_knows_what_keda_measured(sandbox: Sandbox, subject: Place) -> None:
    query = f'keda_scaler_metrics_value{{exported_namespace="{subject.name}", scaledObject="subject"}}'

    def measured() -> list[str]:
        answer = httpx.get(f"{sandbox.url('prometheus')}/api/v1/query", params={"query": query}, trust_env=False).json()
        return [series["value"][1] for series in answer["data"]["result"]]

    assert eventually(lambda: measured() == ["1"])


@pytest.mark.proves("KEDA is mended by the next `sandbox up`", Proof.REAL)
def test_what_is_killed_of_keda_is_mended_by_up(sandbox: Sandbox, subject: Place) -> None:
    for process in sandbox.status().processes:
        if process.name in PROCESSES:
            os.kill(process.pid, signal.SIGKILL)
    assert eventually(lambda: sorted(p.name for p in sandbox.status().processes if p.state == "dead") == sorted(PROCESSES))
    sandbox.up(report=lambda _: None)
    assert eventually(lambda: sandbox.status().state == "healthy")
    subject.apply(recording(subject, 3))
    assert eventually(lambda: subject.replicas("subject") == 2)


@pytest.mark.parametrize(("verb", "what"), [("update", "secrets"), ("delete", "deployments.apps"), ("patch", "nodes")])
def test_the_operator_may_not_do_what_it_need_not(place: Place, verb: str, what: str) -> None:
    asked = place.kubectl("auth", "can-i", verb, what, "--as=headroom:keda-operator", check=False)
    assert asked.strip() == "no"


def test_an_add_on_that_the_stack_does_not_have_does_not_run(sandbox: Sandbox, place: Place) -> None:
    assert "prometheus-adapter" not in {process.name for process in sandbox.status().processes}
    assert not place.get("apiservice", "v1beta1.custom.metrics.k8s.io")
