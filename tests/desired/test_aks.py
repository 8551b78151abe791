"""Pools and clusters of AKS, as its provider is asked for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.catalog.names import GPU_TAINT
from headroom.desired.clusters import aks as cluster
from headroom.desired.pools.aks import LONGEST_NAME, AgentPool, agent_pools, expander
from headroom.settings import Stack, parse
from headroom.settings.cluster import AksCluster
from headroom.settings.cluster.aks import AksCreation
from tests.desired.stacks import STACKS, desired

ADMINS = "00000000-0000-0000-0000-000000000000"
T4, A100 = "Standard_NC8as_T4_v3", "Standard_NC24ads_A100_v4"
RESERVATION = "/subscriptions/s/resourceGroups/reserved/providers/Microsoft.Compute/capacityReservationGroups/g"
RESERVED = {"capacity": "reserved", "reservation": RESERVATION}
MIG = {"mode": "mig", "profile": "1g.10gb"}


def stack(nodes: str = "preinstalled", servers: dict[str, Any] | None = None, name: str = "t4", **pool: Any) -> Stack:
    config = {
        "cluster": {"provider": "aks", "name": "c", "resourceGroup": "g", "location": "eastus", "create": {"admins": [ADMINS]}},
        "pools": {name: {"machine": T4, "max": 4, **pool}},
        "platform": {"gpuOperator": {"mode": "existing", "nodes": nodes}},
        "servers": servers or {},
    }
    return parse("test", config, Path(), frozenset())


def pools(**settings: Any) -> tuple[AgentPool, ...]:
    return agent_pools(stack(**settings))


def pool(**settings: Any) -> AgentPool:
    (only,) = pools(**settings)
    return only


def asked(**settings: Any) -> dict[str, Any]:
    return dict(pool(**settings).arguments)


def server(drain: str) -> dict[str, Any]:
    return {
        "demo": {
            "engine": "triton",
            "image": "nvcr.io/nvidia/tritonserver:25.06-py3",
            "pool": "t4",
            "models": {"claim": "models"},
            "drain": drain,
            "autoscaling": {"backend": "hpa", "replicas": {"max": 2}, "signals": {"queue-time": "200ms"}},
        }
    }


def made(**creation: Any) -> tuple[AksCluster, AksCreation]:
    settings = AksCluster.model_validate(
        {"provider": "aks", "name": "c", "resourceGroup": "g", "location": "eastus", "create": {"admins": [ADMINS], **creation}}
    )
    assert settings.create
    return settings, settings.create


def test_a_pool_begins_with_its_least_and_is_the_autoscalers_from_then_on() -> None:
    found = asked(min=1)
    assert (found["enable_auto_scaling"], found["count"], found["min_count"], found["max_count"]) == (True, 1, 1, 4)


def test_a_pool_that_may_be_empty_holds_none_of_the_systems_pods() -> None:
    assert (asked()["mode"], asked()["min_count"]) == ("User", 0)


def test_spot_nodes_have_the_label_and_the_taint_that_aks_gives_them() -> None:
    found = asked(capacity="spot")
    assert found["node_labels"]["kubernetes.azure.com/scalesetpriority"] == "spot"
    assert "kubernetes.azure.com/scalesetpriority=spot:NoSchedule" in found["node_taints"]
    assert (found["scale_set_eviction_policy"], found["spot_max_price"]) == ("Delete", -1.0)


def test_there_are_no_surge_nodes_for_spot_nodes() -> None:
    assert "upgrade_settings" not in asked(capacity="spot", surge=2)


def test_spot_nodes_fall_back_to_a_pool_that_starts_empty_and_has_the_same_label() -> None:
    spot, instead = pools(min=1, capacity="spot", fallback=True)
    assert (spot.role, instead.role, spot.name != instead.name) == ("t4", "t4-fallback", True)
    assert (spot.arguments["min_count"], instead.arguments["min_count"]) == (1, 0)
    assert {found.arguments["node_labels"]["headroom.dev/pool"] for found in (spot, instead)} == {"t4"}
    assert "scale_set_priority" not in instead.arguments


def test_the_autoscaler_is_told_to_try_spot_nodes_first() -> None:
    settings = stack(capacity="spot", fallback=True)
    spot, instead = agent_pools(settings)
    priorities = yaml.safe_load(expander(settings)["node-priorities"]["data"]["priorities"])
    highest, lowest = max(priorities), min(priorities)
    assert re.match(priorities[highest][0], f"aks-{spot.name}-12345678-vmss")
    assert re.match(priorities[lowest][0], f"aks-{instead.name}-12345678-vmss")
    assert cluster.autoscaler_profile(settings)["expander"] == "priority"


def test_without_a_fallback_the_autoscaler_wastes_least() -> None:
    assert expander(stack(capacity="spot")) == {}
    assert cluster.autoscaler_profile(stack(capacity="spot"))["expander"] == "least-waste"


def test_reserved_nodes_go_before_their_successors_and_upgrade_without_further_ones() -> None:
    found = pool(**RESERVED)
    assert found.delete_first
    assert found.arguments["capacity_reservation_group_id"] == RESERVATION
    assert found.arguments["upgrade_settings"] == {"max_surge": "0", "max_unavailable": "1", "drain_timeout_in_minutes": 30}


@pytest.mark.parametrize(("nodes", "driver"), [("preinstalled", "Install"), ("driverless", "None")])
def test_aks_installs_the_driver_unless_the_operator_does(nodes: str, driver: str) -> None:
    assert asked(nodes=nodes)["gpu_profile"] == {"driver": driver}


def test_aks_cuts_the_gpus_whose_driver_it_installs_as_the_mig_manager_would() -> None:
    found = asked(machine=A100, sharing=MIG)
    assert (found["gpu_instance_profile"], found["node_labels"]["nvidia.com/mig.config"]) == ("MIG1g", "all-1g.10gb")


@pytest.mark.parametrize(
    "settings",
    [{"nodes": "driverless", "sharing": MIG}, {"sharing": {"mode": "mig", "profile": "1g.20gb"}}],
    ids=["no driver", "no such cut"],
)
def test_what_aks_cannot_cut_is_left_to_the_mig_manager(settings: dict[str, Any]) -> None:
    found = asked(machine=A100, **settings)
    assert "gpu_instance_profile" not in found
    assert "nvidia.com/mig.config" in found["node_labels"]


def test_shares_are_told_to_the_device_plugin() -> None:
    assert asked(sharing={"mode": "time-slicing", "replicas": 4})["node_labels"]["nvidia.com/device-plugin.config"] == "time-slicing-4"


def test_taints_are_text_and_the_pools_own_follow_that_of_gpus() -> None:
    found = asked(taints=[{"key": "team", "value": "speech", "effect": "NoExecute"}])
    assert found["node_taints"] == [f"{GPU_TAINT['key']}={GPU_TAINT['value']}:NoSchedule", "team=speech:NoExecute"]


@pytest.mark.parametrize("cloud", [name for name in STACKS if name.endswith(("-eks", "-gke", "-aks"))])
def test_no_label_of_a_node_keeps_its_kubelet_from_starting(cloud: str) -> None:
    """Of labels in Kubernetes' own names a kubelet takes those of nodes and of kubelets alone."""
    said = [dict(getattr(group, "arguments")) for group in desired(cloud).node_groups]  # noqa: B009
    labels = {
        label
        for asked in said
        for label in {**asked, **asked.get("node_config", {})}.get("node_labels" if "vm_size" in asked else "labels", {})
    }
    assert any(label.startswith("headroom.dev/") for label in labels)
    assert not [label for label in labels if re.match(r"([-.a-z0-9]+\.)?(kubernetes|k8s)\.io/", label)]


def test_a_nodes_own_disk_is_the_fast_one() -> None:
    assert [asked(disk={"size": "100Gi", "fast": fast})["os_disk_type"] for fast in (True, False)] == ["Ephemeral", "Managed"]
    assert asked(disk={"size": "100Gi"})["os_disk_size_gb"] == 100


@pytest.mark.parametrize(("drain", "minutes"), [("1m", 30), ("45m", 46), ("24h", 1440)])
def test_an_upgrade_waits_as_long_as_the_longest_stream(drain: str, minutes: int) -> None:
    assert asked(servers=server(drain))["upgrade_settings"]["drain_timeout_in_minutes"] == minutes


@pytest.mark.parametrize(("drain", "seconds"), [("1m", "600"), ("45m", "2700")])
def test_scaling_down_waits_as_long_as_the_longest_stream(drain: str, seconds: str) -> None:
    assert cluster.autoscaler_profile(stack(servers=server(drain)))["max_graceful_termination_sec"] == seconds


def test_a_gpu_node_has_time_to_come_before_another_is_asked_for() -> None:
    assert cluster.autoscaler_profile(stack())["max_node_provision_time"] == "30m"


BASE: dict[str, Any] = {"machine": A100, "disk": {"size": "100Gi"}}


@pytest.mark.parametrize(
    "change", [{"min": 1}, {"max": 9}, {"labels": {"a": "b"}}, {"taints": [{"key": "a", "value": "b"}]}, {"surge": 2}], ids=str
)
def test_what_changes_in_place_leaves_the_name_alone(change: dict[str, Any]) -> None:
    assert pool(**BASE, **change).name == pool(**BASE).name


@pytest.mark.parametrize(
    "change",
    [
        {"machine": T4},
        {"sharing": MIG},
        {"sharing": {"mode": "time-slicing", "replicas": 4}},
        {"capacity": "spot"},
        RESERVED,
        {"zones": ["1"]},
        {"disk": {"size": "200Gi"}},
        {"disk": {"size": "100Gi", "fast": True}},
        {"nodes": "driverless"},
    ],
    ids=str,
)
def test_what_azure_never_changes_changes_the_name(change: dict[str, Any]) -> None:
    assert pool(**{**BASE, **change}).name != pool(**BASE).name


@pytest.mark.parametrize("name", ["a", "a" * 40, "with-hyphens-in-it"])
def test_a_name_is_one_that_aks_takes(name: str) -> None:
    assert re.fullmatch("[a-z][a-z0-9]{0,11}", pool(name=name).name)
    assert len(pool(name=name).name) <= LONGEST_NAME


def test_nodes_and_api_server_have_subnets_that_do_not_overlap() -> None:
    nodes, api_server = cluster.subnets(made(network="10.65.0.0/24")[1])
    assert (nodes["address_prefix"], api_server["address_prefix"]) == ("10.65.0.0/25", "10.65.0.128/28")
    assert api_server["delegations"][0]["service_name"] == "Microsoft.ContainerService/managedClusters"


def test_nobody_has_an_account_of_the_clusters_own() -> None:
    settings, creation = made()
    asked = cluster.managed_cluster(stack(), settings, creation)
    assert asked["disable_local_accounts"]
    assert asked["aad_profile"]["admin_group_object_ids"] == [ADMINS]


def test_a_kubeconfig_asks_kubelogin_for_a_token_each_time() -> None:
    theirs = {
        "clusters": [{"name": "c", "cluster": {"server": "https://c", "certificate-authority-data": "Q0E="}}],
        "users": [{"name": "clusterUser", "user": {"exec": {"command": "kubelogin", "args": ["get-token", "--login", "devicecode"]}}}],
    }
    ours = yaml.safe_load(cluster.kubeconfig(yaml.safe_dump(theirs), "msi"))
    assert ours["clusters"] == theirs["clusters"]
    assert ours["users"][0]["user"]["exec"]["args"][-2:] == ["--login", "msi"]
    assert ours["contexts"][0]["context"] == {"cluster": "c", "user": ours["users"][0]["name"]}


@pytest.mark.parametrize("said", ["", "clusters: []"])
def test_a_kubeconfig_without_a_cluster_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="names no cluster"):
        cluster.kubeconfig(said, "azurecli")
