"""Cluster Autoscaler as it is fit for GPU nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from headroom.desired import render
from tests.settings.stack_files import accepted, changed

EKS = ("headroom:cluster", {"provider": "eks", "name": "prod", "region": "us-west-2"})


def values(directory: Path, *changes: tuple[str, Any], **settings: Any) -> dict[str, Any]:
    asked = ("headroom:platform/clusterAutoscaler", {"mode": "helm", **settings})
    (release,) = render(accepted(directory, changed(EKS, asked, *changes))).platform["clusterAutoscaler"].releases
    return release.values


def test_it_finds_the_node_groups_of_its_cluster(tmp_path: Path) -> None:
    asked = values(tmp_path)
    assert (asked["cloudProvider"], asked["autoDiscovery"], asked["awsRegion"]) == ("aws", {"clusterName": "prod"}, "us-west-2")


def test_an_empty_node_goes_and_one_with_a_replica_stays(tmp_path: Path) -> None:
    flags = values(tmp_path, unneeded="5m")["extraArgs"]
    assert (flags["scale-down-unneeded-time"], flags["scale-down-gpu-utilization-threshold"]) == ("300s", "0")


def test_a_node_has_the_time_that_drivers_and_images_take(tmp_path: Path) -> None:
    assert values(tmp_path)["extraArgs"]["max-node-provision-time"] == "1800s"


def test_spot_nodes_are_tried_before_those_on_demand(tmp_path: Path) -> None:
    spot = ("headroom:pools/l4", {"machine": "g6.2xlarge", "max": 5, "capacity": "spot", "fallback": True})
    asked = values(tmp_path, spot)
    assert asked["extraArgs"]["expander"] == "priority,least-waste"
    first, last = sorted(asked["expanderPriorities"], key=int, reverse=True)
    assert asked["expanderPriorities"][last] == [".*"]
    assert all("l4" in pattern for pattern in asked["expanderPriorities"][first])


def test_without_a_fallback_there_is_nothing_to_prefer(tmp_path: Path) -> None:
    asked = values(tmp_path)
    assert (asked["extraArgs"]["expander"], "expanderPriorities" in asked) == ("least-waste", False)


def test_it_simulates_the_clusters_own_scheduler(tmp_path: Path) -> None:
    made = ("headroom:cluster", {"provider": "eks", "name": "prod", "region": "us-west-2", "create": {"version": "1.34"}})
    assert values(tmp_path, made)["image"]["tag"] == "v1.34.5"


def test_its_identity_is_the_role_that_the_stack_names(tmp_path: Path) -> None:
    role = "arn:aws:iam::111122223333:role/autoscaler"
    assert values(tmp_path, role=role)["rbac"]["serviceAccount"]["annotations"] == {"eks.amazonaws.com/role-arn": role}


def test_its_monitor_is_beside_it_and_carries_the_stacks_labels_alone(tmp_path: Path) -> None:
    monitor = values(tmp_path, ("headroom:platform/monitoring", {"mode": "existing", "labels": {"team": "a"}}))["serviceMonitor"]
    assert monitor["namespace"] == "kube-system"
    assert monitor["selector"] == {"release": None, "team": "a"}
