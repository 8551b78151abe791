"""What holds of every server's autoscaler, and of the series that it reads."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.catalog.engines import ENGINES
from headroom.catalog.names import series
from headroom.catalog.signals import SIGNALS, AcrossPods, Signal
from headroom.desired.objects import Object, duration, quantity
from tests.desired.stacks import demo, written

OFFERED = [SIGNALS[name] for name in ENGINES["triton"].oldest.signals]
SIGNAL = pytest.mark.parametrize("signal", OFFERED, ids=lambda s: s.name)
SUMS = [signal for signal in OFFERED if signal.across_pods is AcrossPods.SUM]
OTHERS = [signal for signal in OFFERED if signal.across_pods is not AcrossPods.SUM]
_SCALE = {"": Decimal(1), "m": Decimal("1e-3"), "u": Decimal("1e-6"), "n": Decimal("1e-9")}


def _metric(directory: Path, signal: Signal, target: float = 0.5) -> Object:
    (metric,) = demo(directory, autoscaling__signals={signal.name: written(signal.name, target)})["autoscaler"]["spec"]["metrics"]
    return metric


def _records(objects: dict[str, Object]) -> dict[str, Object]:
    recording, *_ = objects["rules"]["spec"]["groups"]
    return {rule["record"]: rule for rule in recording["rules"]}


@pytest.mark.parametrize("signal", SUMS, ids=lambda s: s.name)
def test_a_sum_is_read_as_the_average_of_its_pods(tmp_path: Path, signal: Signal) -> None:
    """One replica per target, as KEDA counts it too."""
    assert _metric(tmp_path, signal) == {
        "type": "Pods",
        "pods": {"metric": {"name": series(signal.name, signal.unit, "pod")}, "target": {"type": "AverageValue", "averageValue": "500m"}},
    }


@pytest.mark.parametrize("signal", OTHERS, ids=lambda s: s.name)
def test_what_is_no_sum_is_read_from_the_servers_own_series(tmp_path: Path, signal: Signal) -> None:
    """A Pods metric can only average, and a mean of ratios is not the server's ratio."""
    assert _metric(tmp_path, signal) == {
        "type": "Object",
        "object": {
            "describedObject": {"apiVersion": "v1", "kind": "Service", "name": "demo"},
            "metric": {"name": series(signal.name, signal.unit, "server")},
            "target": {"type": "Value", "value": "500m"},
        },
    }


@SIGNAL
def test_what_the_autoscaler_reads_is_recorded(tmp_path: Path, signal: Signal) -> None:
    objects = demo(tmp_path, autoscaling__signals={signal.name: written(signal.name, 0.5)})
    (metric,) = objects["autoscaler"]["spec"]["metrics"]
    assert metric[metric["type"].lower()]["metric"]["name"] in _records(objects)


@SIGNAL
def test_the_target_is_recorded_as_the_number_that_the_autoscaler_holds(tmp_path: Path, signal: Signal) -> None:
    objects = demo(tmp_path, autoscaling__signals={signal.name: written(signal.name, 0.25)})
    assert _records(objects)[series(signal.name, signal.unit, "target")] == {
        "record": series(signal.name, signal.unit, "target"),
        "expr": "vector(0.25)",
        "labels": {"namespace": "inference", "server": "demo"},
    }


def test_the_object_that_an_object_metric_describes_is_there(tmp_path: Path) -> None:
    objects = demo(tmp_path)
    described = objects["autoscaler"]["spec"]["metrics"][0]["object"]["describedObject"]
    service = objects["service"]
    assert described == {"apiVersion": service["apiVersion"], "kind": service["kind"], "name": service["metadata"]["name"]}


def test_the_scale_target_is_the_workload(tmp_path: Path) -> None:
    objects = demo(tmp_path)
    workload = objects["workload"]
    target = {"apiVersion": workload["apiVersion"], "kind": workload["kind"], "name": workload["metadata"]["name"]}
    assert objects["autoscaler"]["spec"]["scaleTargetRef"] == target


def test_replica_bounds_are_the_stack_files(tmp_path: Path) -> None:
    spec = demo(tmp_path, autoscaling__replicas={"min": 2, "max": 4})["autoscaler"]["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 4)


def test_taking_away_is_slower_than_adding_by_default(tmp_path: Path) -> None:
    behavior = demo(tmp_path)["autoscaler"]["spec"]["behavior"]
    up, down = behavior["scaleUp"], behavior["scaleDown"]
    assert (up["stabilizationWindowSeconds"], up["policies"][0]["value"]) == (60, 4)
    assert (down["stabilizationWindowSeconds"], down["policies"][0]["value"]) == (300, 1)


def test_signals_keep_the_order_of_the_stack_file(tmp_path: Path) -> None:
    asked = {"requests-waiting": "2", "queue-time": "1s"}
    metrics = demo(tmp_path, autoscaling__signals=asked)["autoscaler"]["spec"]["metrics"]
    assert [metric["type"] for metric in metrics] == ["Pods", "Object"]


def test_the_monitor_scrapes_the_port_that_the_container_names(tmp_path: Path) -> None:
    objects = demo(tmp_path)
    (endpoint,) = objects["monitor"]["spec"]["podMetricsEndpoints"]
    ports = objects["workload"]["spec"]["template"]["spec"]["containers"][0]["ports"]
    assert endpoint["port"] in {port["name"] for port in ports}


def test_the_monitor_selects_the_workloads_pods(tmp_path: Path) -> None:
    objects = demo(tmp_path)
    assert objects["monitor"]["spec"]["selector"] == objects["workload"]["spec"]["selector"]


def test_the_monitor_gives_every_series_its_server(tmp_path: Path) -> None:
    (endpoint,) = demo(tmp_path)["monitor"]["spec"]["podMetricsEndpoints"]
    assert endpoint["relabelings"] == [
        {"sourceLabels": ["__meta_kubernetes_pod_label_app_kubernetes_io_instance"], "targetLabel": "server"}
    ]


def test_a_rule_reads_the_series_of_its_server_alone(tmp_path: Path) -> None:
    for rule in _records(demo(tmp_path)).values():
        assert 'namespace="inference", server="demo"' in rule["expr"] or rule["expr"].startswith("vector(")


@given(st.decimals(min_value="0.000000001", max_value=10**9, places=9))
def test_a_quantity_is_the_number_to_the_billionth(number: Decimal) -> None:
    written = quantity(float(number))
    digits = written.rstrip("mun")
    assert abs(Decimal(digits) * _SCALE[written[len(digits) :]] - Decimal(repr(float(number)))) <= Decimal("5e-10")


@pytest.mark.parametrize(
    ("number", "written"), [(0.2, "200m"), (2, "2"), (2.5, "2500m"), (0.0005, "500u"), (1e-9, "1n"), (1e-12, "1n"), (100000, "100000")]
)
def test_a_quantity_has_no_decimal_point(number: float, written: str) -> None:
    assert quantity(number) == written


@pytest.mark.parametrize(("seconds", "written"), [(15, "15s"), (1.5, "1500ms"), (0.25, "250ms"), (60.0, "60s")])
def test_a_duration_is_whole_in_its_unit(seconds: float, written: str) -> None:
    assert duration(seconds) == written


def test_a_series_says_its_unit_once() -> None:
    assert series("requests-waiting", "requests", "pod") == "headroom:requests_waiting:pod"


def test_a_series_says_signal_unit_and_level() -> None:
    assert series("queue-time", "seconds", "server") == "headroom:queue_time_seconds:server"
