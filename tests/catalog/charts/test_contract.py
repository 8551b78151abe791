"""The contract of a chart's values: what the chart has not is named, with what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.catalog.charts import CHARTS
from headroom.catalog.charts.contract import deviations
from headroom.catalog.charts.tree import OTHERS, Tree, facts

TREE: Tree = {
    "replicas": "int",
    "ratio": "number",
    "enabled": "bool",
    "url": "string",
    "priorityClassName": "scalar",
    "extraArguments": "list",
    "unset": "any",
    "maxUnavailable": "int|string",
    "labels": "map",
    "monitor": {"enabled": "bool", "interval": "string"},
    "budget": {"enabled": "bool", OTHERS: "any"},
    "ports": {OTHERS: {"port": "int", "protocol": "string"}},
}


def said(values: dict[str, Any]) -> list[str]:
    return [f"{found.dotted}: {found.message}" for found in deviations(values, TREE)]


@pytest.mark.parametrize(
    "values",
    [
        {"replicas": 2, "ratio": 1, "enabled": False, "url": "", "extraArguments": [], "labels": {"a": {"b": 1}}},
        {"priorityClassName": 5},
        {"unset": {"anything": [1]}},
        {"maxUnavailable": 1},
        {"maxUnavailable": "25%"},
        {"budget": {"minAvailable": 1}},
        {"ports": {"grpc": {"port": 50051}}},
        {"monitor": None},
    ],
    ids=str,
)
def test_what_a_chart_has_passes(values: dict[str, Any]) -> None:
    assert said(values) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"replcas": 2}, "replcas: is not a value of the chart: did you mean replicas?"),
        ({"monitor": {"intervall": "5s"}}, "monitor.intervall: is not a value of the chart: did you mean monitor.interval?"),
        ({"interval": "5s"}, "interval: is not a value of the chart: did you mean monitor.interval?"),
        ({"port": 80}, "port: is not a value of the chart: did you mean ports?"),
        ({"protocol": "TCP"}, "protocol: is not a value of the chart: did you mean ports.*.protocol?"),
        ({"enable": True}, "enable: is not a value of the chart: did you mean enabled?"),
        ({"budget": {"enable": True}}, "budget.enable: is not a value of the chart: did you mean budget.enabled?"),
        ({"ports": {"grpc": {"prt": 1}}}, "ports.grpc.prt: is not a value of the chart: did you mean ports.grpc.port?"),
        ({"monitor": {"zzz": 1}}, "monitor.zzz: is not a value of the chart: monitor has enabled, interval"),
    ],
    ids=str,
)
def test_a_key_that_the_chart_has_not_is_named_with_the_nearest_that_it_has(values: dict[str, Any], message: str) -> None:
    assert said(values) == [message]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"replicas": "2"}, "replicas: must be a whole number, and is text"),
        ({"replicas": True}, "replicas: must be a whole number, and is true or false"),
        ({"replicas": 1.5}, "replicas: must be a whole number, and is a number"),
        ({"enabled": "true"}, "enabled: must be true or false, and is text"),
        ({"url": 5}, "url: must be text, and is a whole number"),
        ({"maxUnavailable": []}, "maxUnavailable: must be a whole number or text, and is a list"),
        ({"priorityClassName": {}}, "priorityClassName: must be text or a number, and is a mapping"),
        ({"extraArguments": {"a": 1}}, "extraArguments: must be a list, and is a mapping"),
        ({"labels": ["a"]}, "labels: must be a mapping, and is a list"),
        ({"monitor": True}, "monitor: must be a mapping of enabled, interval, and is true or false"),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_named_with_the_right_one(values: dict[str, Any], message: str) -> None:
    assert said(values) == [message]


def test_no_value_is_repeated() -> None:
    assert "hunter2" not in "".join(said({"replicas": "hunter2", "url": ["hunter2"], "pasword": "hunter2"}))


@pytest.mark.parametrize("chart", CHARTS.values(), ids=lambda chart: chart.name)
def test_every_pinned_chart_is_kept_at_its_version_with_its_source(chart: Any) -> None:
    kept = facts(chart.name)
    assert (kept.chart, kept.version, bool(kept.source), bool(kept.values)) == (chart.name, chart.version, True, True)


@pytest.mark.parametrize(
    ("chart", "values"),
    [
        ("kube-prometheus-stack", {"prometheus": {"prometheusSpec": {"scrapeIntervall": "15s"}}}),
        ("kube-prometheus-stack", {"grafana": {"adminPasword": "x"}}),
        ("kube-prometheus-stack", {"kube-state-metrics": {"replica": 2}}),
        ("gpu-operator", {"devicePlugin": {"enable": True}}),
        ("gpu-operator", {"node-feature-discovery": {"worker": {"tolerations": {}}}}),
        ("traefik", {"ports": {"grpc": {"expose": True}}}),
        ("keda", {"metricServer": {"enabled": False}}),
        ("metrics-server", {"defaultArgs": "--cert-dir=/tmp"}),
        ("prometheus-adapter", {"rules": {"default": "no"}}),
        ("lws", {"image": {"tag": "v0.9.0"}}),
        ("prometheus-operator-crds", {"crds": {"annotation": {}}}),
    ],
    ids=str,
)
def test_a_slip_in_the_values_of_a_real_chart_is_found(chart: str, values: dict[str, Any]) -> None:
    assert list(deviations(values, facts(chart).values))
