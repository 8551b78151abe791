"""What holds of a server whose replicas are KEDA's: its ScaledObject, and how it follows from the same settings as an HPA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.engines import ENGINES
from headroom.catalog.names import series
from headroom.catalog.signals import SIGNALS, AcrossPods
from headroom.desired.objects import Object, number
from headroom.wiring import promql
from tests.desired.stacks import demo, written

OFFERED = [SIGNALS[name] for name in ENGINES["triton"].oldest.signals]
SIGNAL = pytest.mark.parametrize("signal", OFFERED, ids=lambda s: s.name)
WAKE = {"query": "rate(traefik_service_requests_total[1m])", "after": "10m"}


def scaled(directory: Path, **autoscaling: Any) -> Object:
    changes = {f"autoscaling__{key}": value for key, value in {"backend": "keda", **autoscaling}.items()}
    return demo(directory, **changes)["autoscaler"]["spec"]


def sleeping(directory: Path, **autoscaling: Any) -> Object:
    return scaled(directory, replicas={"min": 0, "max": 4}, wake=WAKE, **autoscaling)


def triggers(spec: Object) -> dict[str, Object]:
    return {trigger["name"]: trigger for trigger in spec["triggers"]}


@SIGNAL
def test_a_trigger_reads_one_element_of_the_servers_own_series(tmp_path: Path, signal: Any) -> None:
    (trigger,) = scaled(tmp_path, signals={signal.name: written(signal.name, 0.5)})["triggers"]
    record = series(signal.name, signal.unit, "server")
    assert trigger["metadata"]["query"] == f'max(last_over_time({record}{{namespace="inference", server="demo"}}[60s]))'


@SIGNAL
def test_only_what_adds_up_is_divided_by_the_replicas(tmp_path: Path, signal: Any) -> None:
    (trigger,) = scaled(tmp_path, signals={signal.name: written(signal.name, 0.5)})["triggers"]
    assert (trigger["metricType"] == "AverageValue") == (signal.across_pods is AcrossPods.SUM)


@SIGNAL
def test_the_threshold_is_the_target_in_the_signals_unit(tmp_path: Path, signal: Any) -> None:
    (trigger,) = scaled(tmp_path, signals={signal.name: written(signal.name, 0.25)})["triggers"]
    assert trigger["metadata"]["threshold"] == "0.25"


def test_missing_data_is_an_error_in_every_trigger(tmp_path: Path) -> None:
    found = sleeping(tmp_path, signals={"queue-time": "1s", "requests-waiting": 2})["triggers"]
    assert [trigger["metadata"]["ignoreNullValues"] for trigger in found] == ["false"] * 3


def test_the_address_is_that_of_the_stacks_prometheus(tmp_path: Path) -> None:
    (trigger,) = scaled(tmp_path)["triggers"]
    assert trigger["metadata"]["serverAddress"] == "http://prometheus-operated.monitoring.svc:9090"


def test_an_hpa_of_keda_behaves_as_the_backends_own(tmp_path: Path) -> None:
    own = demo(tmp_path)["autoscaler"]["spec"]
    assert scaled(tmp_path)["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == own["behavior"]


def test_the_hpas_of_both_backends_can_exist_at_once(tmp_path: Path) -> None:
    """During a move from one to the other both do: the new one is made before the old one goes."""
    own = demo(tmp_path)["autoscaler"]["metadata"]
    assert scaled(tmp_path)["advanced"]["horizontalPodAutoscalerConfig"]["name"] != own["name"]


def test_kedas_webhook_lets_a_scaled_object_in_beside_the_hpa_that_it_follows(tmp_path: Path) -> None:
    assert demo(tmp_path)["autoscaler"]["metadata"]["annotations"] == {"validations.keda.sh/hpa-ownership": "false"}


def test_both_backends_scale_the_same_workload_between_the_same_bounds(tmp_path: Path) -> None:
    own, kedas = demo(tmp_path)["autoscaler"]["spec"], scaled(tmp_path)
    assert (kedas["scaleTargetRef"], kedas["minReplicaCount"], kedas["maxReplicaCount"]) == (
        own["scaleTargetRef"],
        own["minReplicas"],
        own["maxReplicas"],
    )


def test_without_a_fallback_an_error_reaches_the_hpa_which_holds(tmp_path: Path) -> None:
    assert "fallback" not in scaled(tmp_path)


def test_a_fallback_never_takes_replicas_away(tmp_path: Path) -> None:
    assert scaled(tmp_path, fallback=2)["fallback"] == {"failureThreshold": 3, "replicas": 2, "behavior": "currentReplicasIfHigher"}


def test_periods_of_sleep_are_set_only_where_a_server_sleeps(tmp_path: Path) -> None:
    """KEDA's webhook warns of them elsewhere."""
    periods = {"pollingInterval", "cooldownPeriod", "initialCooldownPeriod"}
    assert (periods & scaled(tmp_path).keys(), periods & sleeping(tmp_path).keys()) == (set(), periods)


def test_a_new_server_is_not_put_to_sleep_before_it_has_started(tmp_path: Path) -> None:
    assert sleeping(tmp_path)["initialCooldownPeriod"] == ENGINES["triton"].oldest.startup_seconds + 600


def test_half_of_the_time_until_a_server_sleeps_is_kedas_cool_down(tmp_path: Path) -> None:
    """A shorter outage of Prometheus puts nothing to sleep; in the other half Prometheus sees that nobody asks."""
    assert sleeping(tmp_path)["cooldownPeriod"] == 300


def test_a_server_that_is_asked_for_wants_one_replica(tmp_path: Path) -> None:
    wake = triggers(sleeping(tmp_path))["wake"]
    assert (wake["metricType"], wake["metadata"]["threshold"]) == ("AverageValue", "1")
    assert wake["metadata"]["query"] == 'max(last_over_time(headroom:asked:server{namespace="inference", server="demo"}[60s]))'


def test_a_sleeping_servers_own_signals_are_nothing_and_no_error(tmp_path: Path) -> None:
    query = triggers(sleeping(tmp_path))["queue-time"]["metadata"]["query"]
    assert query.endswith(' or max(last_over_time(headroom:asked:server{namespace="inference", server="demo"}[60s])) == 0')


def test_what_wakes_a_server_is_recorded(tmp_path: Path) -> None:
    objects = demo(tmp_path, autoscaling__backend="keda", autoscaling__replicas={"min": 0, "max": 4}, autoscaling__wake=WAKE)
    recorded = {rule["record"] for rule in objects["rules"]["spec"]["groups"][0]["rules"]}
    read = {
        use.name for trigger in objects["autoscaler"]["spec"]["triggers"] for use in promql.uses(promql.parse(trigger["metadata"]["query"]))
    }
    assert read <= recorded


def test_cpu_and_memory_are_shares_of_what_is_requested(tmp_path: Path) -> None:
    found = triggers(scaled(tmp_path, signals={"queue-time": "1s", "cpu": "80%", "memory": "0.7"}))
    assert found["cpu"] == {"type": "cpu", "name": "cpu", "metricType": "Utilization", "metadata": {"value": "80"}}
    assert found["memory"]["metadata"] == {"value": "70"}


def test_the_hpa_reads_cpu_from_metrics_server(tmp_path: Path) -> None:
    metrics = demo(tmp_path, autoscaling__signals={"queue-time": "1s", "cpu": "80%"})["autoscaler"]["spec"]["metrics"]
    assert metrics[1] == {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}


@pytest.mark.parametrize(("value", "written"), [(2.0, "2"), (0.2, "0.2"), (1e-05, "0.00001"), (100000.0, "100000")])
def test_a_number_is_written_without_exponent(value: float, written: str) -> None:
    assert number(value) == written
