"""Where the platform's pods run, how many there are, and what they may push aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.distributions import GKE, KWOK, OTHER
from headroom.catalog.names import GPU_TAINT
from headroom.desired import render
from headroom.desired.platform import keda, lws, metrics_server, placement, traefik
from headroom.settings import InvalidStack
from headroom.settings.platform import Platform
from tests.settings.stack_files import accepted, changed

CPU = {"nodeSelector": {"pool": "cpu"}, "tolerations": [{"key": "CriticalAddonsOnly", "effect": "NoSchedule"}]}
CHARTS: dict[str, Callable[..., Any]] = {
    "metrics-server": metrics_server.values,
    "keda": keda.values,
    "lws": lws.values,
    "traefik": traefik.values,
}


def values(chart: str, on: Any = OTHER, **where: Any) -> dict[str, Any]:
    return CHARTS[chart](Platform.model_validate({"placement": where}), on)


def replicas(found: dict[str, Any]) -> Iterator[int]:
    """Every number of replicas that values say."""
    for key, value in found.items():
        if key in ("replicas", "replicaCount"):
            yield value
        elif isinstance(value, dict):
            yield from replicas(value)


@pytest.mark.parametrize("chart", CHARTS)
def test_the_platform_runs_on_the_nodes_that_the_stack_names(chart: str) -> None:
    placed = values(chart, **CPU)
    assert placed["nodeSelector"] == {"pool": "cpu"}
    assert placed["tolerations"] == [{"key": "CriticalAddonsOnly", "operator": "Exists", "effect": "NoSchedule"}]


@pytest.mark.parametrize("chart", CHARTS)
def test_nothing_of_it_tolerates_a_gpu_node(chart: str) -> None:
    assert GPU_TAINT["key"] not in str(values(chart))


@pytest.mark.parametrize("chart", CHARTS)
def test_every_part_runs_twice(chart: str) -> None:
    assert set(replicas(values(chart))) == {2}


@pytest.mark.parametrize("chart", ["metrics-server", "traefik"])
def test_a_drain_takes_one_of_two_pods(chart: str) -> None:
    assert values(chart)["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}


def test_a_drain_takes_one_of_two_pods_of_each_part_of_keda() -> None:
    assert values("keda")["podDisruptionBudget"] == {part: {"maxUnavailable": 1} for part in ("operator", "metricServer", "webhooks")}


def test_a_drain_takes_one_of_two_controllers_of_groups(tmp_path: Path) -> None:
    add_on = render(accepted(tmp_path, changed(("headroom:platform/lws", "helm")))).platform["lws"]
    budget = add_on.objects["budget"]
    assert (budget["metadata"]["namespace"], budget["spec"]["maxUnavailable"]) == ("lws-system", 1)


@pytest.mark.parametrize("chart", ["keda", "traefik"])
def test_its_pods_go_before_servers(chart: str) -> None:
    assert values(chart)["priorityClassName"] == placement.PRIORITY_CLASS
    assert values(chart, priorityClass="company-platform")["priorityClassName"] == "company-platform"


def test_metrics_server_is_a_part_of_the_system_where_every_cluster_admits_that() -> None:
    assert values("metrics-server")["priorityClassName"] == "system-cluster-critical"
    elsewhere = Platform.model_validate({"metricsServer": {"namespace": "metrics"}})
    assert metrics_server.values(elsewhere, KWOK)["priorityClassName"] == placement.PRIORITY_CLASS


def test_the_priority_class_is_there_before_what_runs_in_it(tmp_path: Path) -> None:
    platform = render(accepted(tmp_path, changed(("headroom:platform/keda", "helm")))).platform
    made = platform["placement"].objects["priority-class"]
    assert (made["metadata"]["name"], made["globalDefault"]) == (placement.PRIORITY_CLASS, False)
    assert "placement" in platform["keda"].needs


@pytest.mark.parametrize(
    "platform",
    [{"keda": "existing"}, {"keda": "helm", "placement": {"priorityClass": "company-platform"}}],
    ids=["nothing is installed", "the stack names one"],
)
def test_no_priority_class_is_made_where_none_is_needed(tmp_path: Path, platform: dict[str, Any]) -> None:
    changes = [(f"headroom:platform/{key}", value) for key, value in platform.items()]
    assert not render(accepted(tmp_path, changed(*changes))).platform["placement"].objects


def test_a_private_gke_cluster_reaches_keda_through_its_firewall() -> None:
    found = values("keda", on=GKE)
    assert (found["service"]["portHttpsTarget"], found["webhooks"]["port"]) == (10250, 10250)
    assert "service" not in values("keda", on=OTHER)


def test_the_platform_is_not_sent_to_gpu_nodes(tmp_path: Path) -> None:
    text = changed(("headroom:platform/placement", {"tolerations": [{"key": "nvidia.com/gpu"}]}))
    with pytest.raises(InvalidStack, match="is the taint of GPU nodes"):
        accepted(tmp_path, text)
