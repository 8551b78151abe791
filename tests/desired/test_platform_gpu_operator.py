"""The GPU stack of each kind of cluster: what the nodes lack is run, and nothing that they bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.client import models

from headroom.catalog.charts.contract import deviations
from headroom.catalog.charts.tree import facts
from headroom.catalog.distributions import DISTRIBUTIONS, Distribution
from headroom.catalog.gpu_nodes import GPU_NODES
from headroom.desired import render
from headroom.desired.platform import DesiredAddOn
from headroom.desired.platform.gpu_operator import values
from headroom.settings.platform import Platform
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Pool
from tests.evidence import Proof
from tests.settings.stack_files import accepted, changed

SHAPES = [(distribution, nodes) for distribution, kinds in GPU_NODES.items() for nodes in kinds]
SLICED = {"mode": "time-slicing", "replicas": 4}
SHARED: dict[str, Any] = {
    "whole": {"machine": "g6.2xlarge", "max": 2},
    "cut": {"machine": "p4de.24xlarge", "max": 1, "sharing": {"mode": "mig", "profile": "1g.10gb"}},
    "sliced": {"machine": "g6.2xlarge", "max": 2, "sharing": SLICED},
    "mps": {"machine": "g6.2xlarge", "max": 2, "sharing": {"mode": "mps", "replicas": 10, "renamed": True}},
}
POOLS = {name: Pool.model_validate(pool) for name, pool in SHARED.items()}


def platform(**said: Any) -> Platform:
    return Platform.model_validate({"gpuOperator": {"mode": "helm", **said.pop("operator", {})}, **said})


def shape(distribution: str, nodes: str, **said: Any) -> dict[str, Any]:
    return values(platform(operator={"nodes": nodes}, **said), DISTRIBUTIONS[distribution], POOLS)


def enabled(found: dict[str, Any]) -> set[str]:
    return {part for part in ("driver", "toolkit", "devicePlugin", "migManager") if found[part]["enabled"]}


def add_on(directory: Path, distribution: str, nodes: str, pools: dict[str, Any], **operator: Any) -> DesiredAddOn:
    cluster = {"provider": "existing", "name": "prod", "distribution": distribution}
    said = {"mode": "helm", "nodes": nodes, **operator}
    text = changed(
        ("headroom:cluster", cluster), ("headroom:pools", pools), ("headroom:servers", {}), ("headroom:platform", {"gpuOperator": said})
    )
    return render(accepted(directory, text)).platform["gpuOperator"]


@pytest.mark.parametrize(("distribution", "nodes"), SHAPES)
@pytest.mark.parametrize("pools", [{}, POOLS], ids=["whole", "shared"])
@pytest.mark.parametrize("strategy", MigStrategy)
@pytest.mark.proves("GPU Operator: every shape of every kind of cluster renders into values that the chart has", Proof.SCHEMA)
def test_every_shape_gives_values_that_the_chart_has(distribution: str, nodes: str, pools: Any, strategy: MigStrategy) -> None:
    found = values(platform(operator={"nodes": nodes, "migStrategy": strategy}), DISTRIBUTIONS[distribution], pools)
    assert list(deviations(found, facts("gpu-operator").values)) == []


@pytest.mark.parametrize(
    ("distribution", "nodes", "runs"),
    [
        ("other", "driverless", {"driver", "toolkit", "devicePlugin", "migManager"}),
        ("other", "preinstalled", {"devicePlugin", "migManager"}),
        ("eks", "driverless", {"driver", "toolkit", "devicePlugin", "migManager"}),
        ("eks", "preinstalled", {"devicePlugin", "migManager"}),
        ("eks", "bottlerocket", set()),
        ("gke", "driverless", {"driver", "toolkit", "devicePlugin", "migManager"}),
        ("gke", "preinstalled", {"toolkit", "devicePlugin", "migManager"}),
        ("aks", "driverless", {"driver", "toolkit", "devicePlugin", "migManager"}),
        ("aks", "preinstalled", {"devicePlugin", "migManager"}),
    ],
)
@pytest.mark.proves("GPU Operator: what nodes bring is not run a second time", Proof.SCHEMA)
def test_what_the_nodes_lack_is_run(distribution: str, nodes: str, runs: set[str]) -> None:
    assert enabled(shape(distribution, nodes)) == runs


@pytest.mark.parametrize(("distribution", "usual"), [("eks", "preinstalled"), ("aks", "preinstalled"), ("other", "driverless")])
def test_nodes_are_the_usual_ones_of_the_cluster_unless_others_are_named(distribution: str, usual: str) -> None:
    assert values(platform(), DISTRIBUTIONS[distribution]) == values(platform(operator={"nodes": usual}), DISTRIBUTIONS[distribution])


def test_the_runtime_of_nodes_that_aks_prepares_is_called_by_its_name() -> None:
    assert shape("aks", "preinstalled")["operator"]["runtimeClass"] == "nvidia-container-runtime"
    assert not [nodes for nodes in SHAPES if nodes != ("aks", "preinstalled") and "runtimeClass" in shape(*nodes)["operator"]]


def test_googles_driver_is_found_where_its_installer_puts_it() -> None:
    found = shape("gke", "preinstalled")
    assert found["hostPaths"] == {"driverInstallDir": "/home/kubernetes/bin/nvidia"}
    assert found["toolkit"]["installDir"] == "/home/kubernetes/bin/nvidia"
    assert "hostPaths" not in shape("gke", "driverless")


@pytest.mark.parametrize("nodes", ["preinstalled", "driverless"])
def test_the_toolkit_reads_containerds_file_on_gke(nodes: str) -> None:
    assert shape("gke", nodes)["toolkit"]["env"] == [{"name": "RUNTIME_CONFIG_SOURCE", "value": "file"}]


@pytest.mark.parametrize(("distribution", "reboots"), [("eks", True), ("gke", True), ("aks", True), ("other", False)])
def test_the_mig_manager_reboots_the_nodes_of_clouds_alone(distribution: str, reboots: bool) -> None:
    said = shape(distribution, "driverless")["migManager"].get("env", [])
    assert said == ([{"name": "WITH_REBOOT", "value": "true"}] if reboots else [])


@pytest.mark.parametrize("strategy", MigStrategy)
def test_the_mig_strategy_is_the_stacks(strategy: MigStrategy) -> None:
    found = values(platform(operator={"migStrategy": strategy}), DISTRIBUTIONS["eks"])
    assert found["mig"] == {"strategy": str(strategy)}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS.values(), ids=lambda found: found.name)
def test_every_taint_of_the_clusters_gpu_nodes_is_tolerated_by_all_that_runs_on_them(distribution: Distribution) -> None:
    found = values(platform(), distribution)
    everywhere = (found["daemonsets"]["tolerations"], found["node-feature-discovery"]["worker"]["tolerations"])
    for tolerated in everywhere:
        assert {taint["key"] for taint in distribution.gpu_taints} <= {toleration["key"] for toleration in tolerated}


def test_aks_pods_and_operands_tolerate_microsofts_taint(tmp_path: Path) -> None:
    cluster = {"provider": "existing", "name": "prod", "distribution": "aks"}
    (server,) = render(accepted(tmp_path, changed(("headroom:cluster", cluster)))).servers
    tolerated = server.objects["workload"]["spec"]["template"]["spec"]["tolerations"]
    assert {"key": "sku", "operator": "Exists", "effect": "NoSchedule"} in tolerated


@pytest.mark.parametrize("setting", [{"nodeSelector": {"pool": "cpu"}}, {"tolerations": [{"key": "CriticalAddonsOnly"}]}], ids=str)
def test_what_needs_no_gpu_runs_where_the_platform_runs(setting: dict[str, Any]) -> None:
    found = values(platform(placement=setting), DISTRIBUTIONS["eks"])
    (key,) = setting
    for part in (found["operator"], found["node-feature-discovery"]["master"], found["node-feature-discovery"]["gc"]):
        assert part[key]
    assert key not in found["daemonsets"] or len(found["daemonsets"][key]) == 1


def test_confidential_computing_is_never_turned_on_by_itself() -> None:
    assert all(shape(*nodes)["ccManager"] == {"enabled": False} for nodes in SHAPES)


def test_prometheus_finds_the_gpus_metrics_by_the_labels_that_it_selects_by() -> None:
    said = {"mode": "existing", "labels": {"release": "prometheus"}, "scrapeInterval": "15s"}
    assert values(platform(monitoring=said), DISTRIBUTIONS["eks"])["dcgmExporter"]["serviceMonitor"] == {
        "enabled": True,
        "interval": "15s",
        "scrapeTimeout": "10s",
        "honorLabels": True,
        "additionalLabels": {"release": "prometheus"},
    }


def test_gpus_are_never_scraped_for_longer_than_the_pause_between_scrapes() -> None:
    quick = values(platform(monitoring={"mode": "existing", "scrapeInterval": "2.5s", "window": "10s"}), DISTRIBUTIONS["eks"])
    assert quick["dcgmExporter"]["serviceMonitor"]["scrapeTimeout"] == "2500ms"


def test_a_stack_without_monitoring_has_no_monitor_of_gpus() -> None:
    assert values(platform(monitoring="none"), DISTRIBUTIONS["eks"])["dcgmExporter"]["serviceMonitor"] == {"enabled": False}


@pytest.mark.proves("time-slicing and MPS: nodes choose their share by a label, and a change rolls the device plugin", Proof.SCHEMA)
def test_shares_are_configurations_of_the_device_plugin_that_nodes_choose_by_a_label(tmp_path: Path) -> None:
    made = add_on(tmp_path, "eks", "preinstalled", SHARED)
    config = made.objects["sharing"]
    assert config["metadata"]["namespace"] == made.releases[0].namespace
    assert made.releases[0].values["devicePlugin"]["config"] == {"name": config["metadata"]["name"]}
    assert {name: yaml.safe_load(text) for name, text in config["data"].items()} == {
        "mps-10-renamed": {
            "version": "v1",
            "sharing": {
                "mps": {
                    "renameByDefault": True,
                    "failRequestsGreaterThanOne": True,
                    "resources": [{"name": "nvidia.com/gpu", "replicas": 10}],
                }
            },
        },
        "time-slicing-4": {
            "version": "v1",
            "sharing": {
                "timeSlicing": {
                    "renameByDefault": False,
                    "failRequestsGreaterThanOne": True,
                    "resources": [{"name": "nvidia.com/gpu", "replicas": 4}],
                }
            },
        },
    }


def test_another_number_of_shares_is_another_config_map(tmp_path: Path) -> None:
    def name(replicas: int) -> str:
        sliced = {"sliced": {**SHARED["sliced"], "sharing": {**SLICED, "replicas": replicas}}}
        return add_on(tmp_path, "eks", "preinstalled", sliced).objects["sharing"]["metadata"]["name"]

    assert name(2) != name(4)


def test_a_node_without_the_label_has_its_gpus_whole(tmp_path: Path) -> None:
    """Without a default the operator has the plugin fall back to an empty configuration."""
    assert "default" not in add_on(tmp_path, "eks", "preinstalled", SHARED).releases[0].values["devicePlugin"]["config"]


@pytest.mark.parametrize("pools", [{"whole": SHARED["whole"]}, {"cut": SHARED["cut"]}], ids=["whole", "mig"])
def test_without_shares_the_device_plugin_is_told_nothing(tmp_path: Path, pools: dict[str, Any]) -> None:
    made = add_on(tmp_path, "eks", "preinstalled", pools)
    assert not made.objects
    assert made.releases[0].values["devicePlugin"] == {"enabled": True}


def test_a_device_plugin_of_the_node_is_told_by_the_node(tmp_path: Path) -> None:
    made = add_on(tmp_path, "eks", "bottlerocket", SHARED)
    assert not made.objects
    assert made.releases[0].values["devicePlugin"] == {"enabled": False}


def test_gke_is_told_to_admit_what_is_critical_outside_its_own_namespace(tmp_path: Path) -> None:
    quota = add_on(tmp_path, "gke", "preinstalled", {}).objects["quota"]
    (scope,) = quota["spec"]["scopeSelector"]["matchExpressions"]
    assert quota["metadata"]["namespace"] == "gpu-operator"
    assert scope == {"operator": "In", "scopeName": "PriorityClass", "values": ["system-node-critical", "system-cluster-critical"]}


@pytest.mark.parametrize(("role", "kind"), [("quota", models.V1ResourceQuota), ("sharing", models.V1ConfigMap)])
def test_kubernetes_knows_every_field_of_the_objects_beside_the_release(tmp_path: Path, role: str, kind: Any) -> None:
    assert kind.model_validate(add_on(tmp_path, "gke", "preinstalled", SHARED).objects[role])


@pytest.mark.parametrize("distribution", ["eks", "aks", "other"])
def test_no_other_cluster_is_given_a_quota(tmp_path: Path, distribution: str) -> None:
    assert "quota" not in add_on(tmp_path, distribution, "preinstalled", {}).objects


def test_its_namespace_admits_privileged_pods(tmp_path: Path) -> None:
    text = changed(("headroom:platform", {"gpuOperator": {"mode": "helm", "namespace": "gpus"}}))
    (namespace,) = (found for found in render(accepted(tmp_path, text)).namespaces if found["metadata"]["name"] == "gpus")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"


@pytest.mark.parametrize(("charts", "job"), [({}, True), ({"source": "oci://registry.example.com/charts"}, False)])
def test_one_of_the_charts_job_and_a_release_of_definitions_upgrades_the_definitions(charts: dict[str, str], job: bool) -> None:
    assert values(platform(charts=charts), DISTRIBUTIONS["eks"])["operator"]["upgradeCRD"] is job


def test_nothing_is_installed_over_a_stack_that_is_there(tmp_path: Path) -> None:
    for nodes in ("preinstalled", "bottlerocket"):
        made = add_on(tmp_path, "eks", nodes, SHARED, mode="existing")
        assert (made.releases, dict(made.objects)) == ((), {})


def test_another_release_and_namespace_take_all_along(tmp_path: Path) -> None:
    made = add_on(tmp_path, "gke", "preinstalled", SHARED, release="nvidia", namespace="gpus")
    assert {found["metadata"]["namespace"] for found in made.objects.values()} == {"gpus"}
    assert all(found["metadata"]["name"].startswith("nvidia-") for found in made.objects.values())
