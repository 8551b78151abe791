"""Pools and clusters of GKE, as its provider is asked for them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from headroom.catalog.gke import ACCELERATORS
from headroom.catalog.gpu_nodes import NodeKind
from headroom.catalog.machines import machines
from headroom.desired.clusters import gke as cluster
from headroom.desired.pools.gke import LONGEST_NAME, GkeNodePool, pool_groups
from headroom.settings.cluster import GkeCluster
from headroom.settings.cluster.gke import GkeCreation
from headroom.settings.pool import Pool
from tests.desired import gke_request, google_client
from tests.desired.stacks import STACKS, desired
from tests.evidence import Proof

BY_SPOT = {"capacity": "spot", "fallback": True}
SHAPES: dict[str, tuple[NodeKind, dict[str, Any]]] = {
    "on demand": (NodeKind.MANAGED, {}),
    "spot with fallback": (NodeKind.MANAGED, BY_SPOT),
    "reserved": (NodeKind.MANAGED, {"capacity": "reserved", "reservation": "ours"}),
    "cut by GKE": (NodeKind.MANAGED, {"machine": "a2-highgpu-1g", "sharing": {"mode": "mig", "profile": "1g.5gb"}}),
    "cut by the operator": (NodeKind.DRIVERLESS, {"machine": "a2-highgpu-1g", "sharing": {"mode": "mig", "profile": "1g.5gb"}}),
    "in turns by GKE": (NodeKind.MANAGED, {"sharing": {"mode": "time-slicing", "replicas": 4}}),
    "in turns by the operator": (NodeKind.PREINSTALLED, {"sharing": {"mode": "time-slicing", "replicas": 4}}),
    "at once by GKE": (NodeKind.MANAGED, {"sharing": {"mode": "mps", "replicas": 4}}),
    "newest driver": (NodeKind.MANAGED, {"gke": {"driver": "latest"}}),
    "zones": (NodeKind.MANAGED, {"zones": ["us-central1-a", "us-central1-b"]}),
    "labels and taints": (
        NodeKind.MANAGED,
        {"labels": {"team": "speech"}, "taints": [{"key": "team", "value": "speech", "effect": "NoExecute"}]},
    ),
    "disk": (NodeKind.MANAGED, {"disk": {"size": "1Ti", "fast": True}}),
    "images": (NodeKind.MANAGED, {"imageStreaming": True, "gke": {"imageCaches": ["global/images/vllm"]}}),
    "local disks": (NodeKind.MANAGED, {"gke": {"localSsds": 2}}),
    "fast network": (NodeKind.MANAGED, {"machine": "a3-megagpu-8g", "interconnect": True, "gke": {"localSsds": 0}}),
    "no surge": (NodeKind.MANAGED, {"surge": 0}),
}


def groups(nodes: NodeKind = NodeKind.MANAGED, on: dict[str, Any] | None = None, **pool: Any) -> tuple[GkeNodePool, ...]:
    where = GkeCluster.model_validate({"provider": "gke", "name": "c", "project": "my-project", "location": "us-central1", **(on or {})})
    asked = Pool.model_validate({"machine": "g2-standard-8", "max": 4, **pool})
    return tuple(pool_groups(where, "l4", asked, nodes))


def group(nodes: NodeKind = NodeKind.MANAGED, on: dict[str, Any] | None = None, **pool: Any) -> dict[str, Any]:
    """The arguments of a pool of one group."""
    (only,) = groups(nodes, on, **pool)
    return dict(only.arguments)


def gpu(nodes: NodeKind = NodeKind.MANAGED, **pool: Any) -> dict[str, Any]:
    return group(nodes, **pool)["node_config"]["guest_accelerators"][0]


@pytest.mark.proves("every shape of pool on GKE maps to a request that Google's client accepts (a check of our mapping)", Proof.SCHEMA)
@pytest.mark.parametrize("shape", SHAPES)
def test_googles_client_accepts_every_shape(shape: str) -> None:
    nodes, settings = SHAPES[shape]
    for found in groups(nodes, **settings):
        request = gke_request.node_pool(dict(found.arguments))
        whole = {"parent": "projects/p/locations/l/clusters/c", "node_pool": request}
        assert (
            google_client.accepted("CreateNodePoolRequest", whole)["node_pool"]["config"]["machine_type"]
            == request["config"]["machine_type"]
        )


@pytest.mark.parametrize("wrong", [{"taint": []}, {"spot": "perhaps"}, {"taints": [{"effect": "NoSchedule"}]}])
def test_googles_client_refuses_what_it_does_not_know(wrong: dict[str, Any]) -> None:
    asked = group()
    asked["node_config"] |= wrong
    with pytest.raises((ValueError, TypeError, KeyError)):
        google_client.accepted("NodePool", gke_request.node_pool(asked))


@pytest.mark.parametrize("stack", [name for name in STACKS if name.endswith("-gke")])
def test_googles_client_accepts_the_pools_of_the_stacks(stack: str) -> None:
    found = desired(stack).node_groups
    assert found
    for one in found:
        assert isinstance(one, GkeNodePool)
        google_client.accepted("NodePool", gke_request.node_pool(dict(one.arguments)))


def test_every_machine_of_google_has_a_kind_of_gpu_that_google_names() -> None:
    of_google = {machine.gpu for machine in machines().values() if machine.cloud == "gcp"}
    assert of_google <= set(ACCELERATORS)


def test_an_a3_mega_has_gpus_of_another_name() -> None:
    assert gpu(machine="a3-megagpu-8g")["type"] == "nvidia-h100-mega-80gb"


def test_limits_are_of_the_pool_and_not_of_each_zone() -> None:
    limits = {"total_min_node_count": 2, "total_max_node_count": 4, "location_policy": "ANY"}
    assert group(min=2)["autoscaling"] == limits


@pytest.mark.parametrize(("on", "zones", "count"), [({}, [], 2), ({}, ["us-central1-a"], 4), ({"location": "us-central1-a"}, [], 4)])
def test_a_pool_begins_with_its_minimum_over_its_zones(on: dict[str, Any], zones: list[str], count: int) -> None:
    """GKE's autoscaler waits for pods before it brings a pool to its minimum."""
    assert group(on=on, min=4, zones=zones)["initial_node_count"] == count


def test_the_taint_that_gke_sets_by_itself_is_said_as_scale_from_zero_needs_it() -> None:
    assert group()["node_config"]["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}]


def test_spot_nodes_fall_back_to_a_pool_that_starts_empty_and_has_the_same_label() -> None:
    spot, instead = groups(min=1, **BY_SPOT)
    assert (spot.role, instead.role) == ("l4", "l4-fallback")
    assert spot.arguments["node_config"]["spot"]
    assert "spot" not in instead.arguments["node_config"]
    assert (spot.arguments["autoscaling"]["total_min_node_count"], instead.arguments["autoscaling"]["total_min_node_count"]) == (1, 0)
    assert spot.arguments["node_config"]["labels"] == instead.arguments["node_config"]["labels"]


def test_reserved_nodes_go_before_their_successors_and_upgrade_without_further_ones() -> None:
    (reserved,) = groups(capacity="reserved", reservation="ours")
    assert reserved.delete_first
    assert reserved.arguments["upgrade_settings"] == {"strategy": "SURGE", "max_surge": 0, "max_unavailable": 1}
    assert reserved.arguments["node_config"]["reservation_affinity"]["values"] == ["ours"]


@pytest.mark.parametrize(
    ("sharing", "said"),
    [
        (
            {"mode": "time-slicing", "replicas": 4},
            {"gpu_sharing_config": {"gpu_sharing_strategy": "TIME_SHARING", "max_shared_clients_per_gpu": 4}},
        ),
        ({"mode": "mps", "replicas": 3}, {"gpu_sharing_config": {"gpu_sharing_strategy": "MPS", "max_shared_clients_per_gpu": 3}}),
    ],
)
def test_gke_shares_the_gpus_whose_driver_it_installs(sharing: dict[str, Any], said: dict[str, Any]) -> None:
    found = gpu(sharing=sharing)
    assert found | said == found
    assert found["gpu_driver_installation_config"] == {"gpu_driver_version": "DEFAULT"}


def test_gke_cuts_the_gpus_whose_driver_it_installs() -> None:
    assert gpu(machine="a2-highgpu-1g", sharing={"mode": "mig", "profile": "1g.5gb"})["gpu_partition_size"] == "1g.5gb"


@pytest.mark.parametrize("nodes", [NodeKind.DRIVERLESS, NodeKind.PREINSTALLED])
def test_where_the_operator_runs_the_gpus_gke_keeps_away(nodes: NodeKind) -> None:
    settings = {"machine": "a2-highgpu-1g", "sharing": {"mode": "mig", "profile": "1g.5gb"}}
    found = gpu(nodes, **settings)
    assert found["gpu_driver_installation_config"] == {"gpu_driver_version": "INSTALLATION_DISABLED"}
    assert "gpu_partition_size" not in found
    labels = group(nodes, **settings)["node_config"]["labels"]
    assert labels["gke-no-default-nvidia-gpu-device-plugin"] == "true"
    assert labels["nvidia.com/mig.config"] == "all-1g.5gb"


def test_the_operator_builds_its_driver_on_ubuntu() -> None:
    assert group(NodeKind.DRIVERLESS)["node_config"]["image_type"] == "UBUNTU_CONTAINERD"
    assert group(NodeKind.PREINSTALLED)["node_config"]["image_type"] == "COS_CONTAINERD"


@pytest.mark.parametrize(
    ("machine", "fast", "kind"),
    [("g2-standard-8", False, "pd-balanced"), ("g2-standard-8", True, "pd-ssd"), ("g4-standard-48", True, "hyperdisk-balanced")],
)
def test_a_machine_starts_from_a_disk_that_it_can_have(machine: str, fast: bool, kind: str) -> None:
    assert group(machine=machine, disk={"fast": fast})["node_config"]["disk_type"] == kind


def test_a_pool_that_was_replaced_is_emptied_as_the_budgets_ask() -> None:
    assert group()["node_drain_configs"] == [{"respect_pdb_during_node_pool_deletion": True}]


BASE = {"machine": "a2-highgpu-1g", "capacity": "spot", "gke": {"localSsds": 1}}


@pytest.mark.parametrize(
    "change",
    [
        {"min": 1},
        {"max": 9},
        {"labels": {"a": "b"}},
        {"taints": [{"key": "a"}]},
        {"zones": ["us-central1-a"]},
        {"surge": 2},
        {"disk": {"size": "300Gi", "fast": True}},
        {"imageStreaming": True},
        {"warm": 1},
    ],
)
def test_what_changes_in_place_leaves_the_name_alone(change: dict[str, Any]) -> None:
    assert group(**{**BASE, **change})["name"] == group(**BASE)["name"]


@pytest.mark.parametrize(
    "change",
    [
        {"machine": "a2-highgpu-2g"},
        {"sharing": {"mode": "mig", "profile": "1g.5gb"}},
        {"sharing": {"mode": "time-slicing", "replicas": 4}},
        {"capacity": "on-demand"},
        {"capacity": "reserved", "reservation": "ours"},
        {"gke": {"localSsds": 2}},
        {"interconnect": True},
    ],
)
@pytest.mark.parametrize("nodes", [NodeKind.MANAGED, NodeKind.DRIVERLESS])
def test_what_replaces_changes_the_name(change: dict[str, Any], nodes: NodeKind) -> None:
    assert group(nodes, **{**BASE, **change})["name"] != group(nodes, **BASE)["name"]


def test_who_brings_the_driver_changes_the_name() -> None:
    assert group(NodeKind.DRIVERLESS)["name"] != group(NodeKind.MANAGED)["name"]


def test_another_driver_of_gkes_changes_the_name() -> None:
    assert group(gke={"driver": "latest"})["name"] != group()["name"]


def test_another_service_account_changes_the_name() -> None:
    other = {"nodeServiceAccount": "nodes@my-project.iam.gserviceaccount.com"}
    assert group(on=other)["name"] != group()["name"]


def test_a_name_is_one_that_gke_takes() -> None:
    where = GkeCluster.model_validate({"provider": "gke", "name": "c", "project": "my-project", "location": "us-central1"})
    (found,) = pool_groups(where, "a" * 40, Pool.model_validate({"machine": "g2-standard-8", "max": 1}), NodeKind.MANAGED)
    assert re.fullmatch("[a-z]([-a-z0-9]*[a-z0-9])?", found.name)
    assert len(found.name) == LONGEST_NAME


def test_the_installed_provider_knows_every_argument() -> None:
    from pulumi_gcp import container  # Seconds, which nobody waits for who only collects the tests.

    known = set(vars(container.NodePoolArgs))
    assert {key for nodes, settings in SHAPES.values() for found in groups(nodes, **settings) for key in found.arguments} <= known


def made(on: dict[str, Any] | None = None, **creation: Any) -> tuple[GkeCluster, GkeCreation]:
    settings = GkeCluster.model_validate(
        {
            "provider": "gke",
            "name": "inference",
            "project": "my-project",
            "location": "us-central1",
            **(on or {}),
            "create": creation or True,
        }
    )
    assert settings.create
    return settings, settings.create


@pytest.mark.parametrize(
    "creation",
    [
        {},
        {"version": "1.35", "channel": "rapid", "autoscalingProfile": "optimize-utilization"},
        {"apiAccess": ["192.0.2.0/24"], "multiNetworking": True},
    ],
)
def test_googles_client_accepts_a_cluster(creation: dict[str, Any]) -> None:
    asked = gke_request.cluster(cluster.cluster(*made({"zones": ["us-central1-a"], "dnsAccess": True}, **creation)))
    google_client.accepted("CreateClusterRequest", {"parent": "projects/p/locations/l", "cluster": asked})
    google_client.accepted("NodePool", gke_request.node_pool(cluster.cpu_pool(*made(**creation))))


def test_a_cluster_is_private_unless_addresses_are_let_in() -> None:
    closed, opened = cluster.cluster(*made()), cluster.cluster(*made(apiAccess=["192.0.2.0/24"]))
    assert (closed["private_cluster_config"]["enable_private_endpoint"], opened["private_cluster_config"]["enable_private_endpoint"]) == (
        True,
        False,
    )
    assert closed["master_authorized_networks_config"]["cidr_blocks"] == []
    assert opened["master_authorized_networks_config"]["cidr_blocks"] == [{"cidr_block": "192.0.2.0/24"}]


def test_the_zone_of_a_cluster_in_one_zone_is_not_said_again() -> None:
    settings, creation = made({"location": "us-central1-a", "zones": ["us-central1-a", "us-central1-b"]})
    assert cluster.cluster(settings, creation)["node_locations"] == ["us-central1-b"]
    assert cluster.cpu_pool(settings, creation)["node_locations"] == ["us-central1-a", "us-central1-b"]


def test_labels_of_ours_are_not_written_over() -> None:
    assert group(labels={"headroom.dev/pool": "another", "team": "speech"})["node_config"]["labels"]["headroom.dev/pool"] == "l4"


def test_a_cluster_is_protected_from_deletion_unless_said_otherwise() -> None:
    assert cluster.cluster(*made())["deletion_protection"]
    assert not cluster.cluster(*made(deletionProtection=False))["deletion_protection"]


def test_what_the_control_plane_says_is_kept() -> None:
    assert "APISERVER" in cluster.cluster(*made())["logging_config"]["enable_components"]


def test_the_control_plane_reaches_webhooks_from_its_own_addresses_alone() -> None:
    settings, creation = made()
    addresses = cluster.cluster(settings, creation)["private_cluster_config"]["master_ipv4_cidr_block"]
    assert cluster.network(settings).firewall["source_ranges"] == [addresses]


@pytest.mark.parametrize("name", ["c", "a-name-of-forty-characters-which-is-much"])
def test_a_service_account_has_a_name_that_google_takes(name: str) -> None:
    account = cluster.node_account(made({"name": name})[0])["account_id"]
    assert re.fullmatch("[a-z][-a-z0-9]{4,28}[a-z0-9]", account)
