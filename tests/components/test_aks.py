"""Stacks on AKS under Pulumi's mocks: what the engine is told of the cluster, its pools and the way to it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml
from azure.mgmt.containerservice import models
from pydantic import ValidationError

from headroom.desired.pools.aks import AgentPool
from tests.components import azure_request
from tests.components.program import Cloud, Registered, Run, run_program, stack_config
from tests.desired.stacks import desired
from tests.evidence import Proof

pytestmark = pytest.mark.thorough

CLUSTER = "azure-native:containerservice:ManagedCluster"
AGENT_POOL = "azure-native:containerservice:AgentPool"
ROLE = "azure-native:authorization:RoleAssignment"
VAULT = "azure-native:keyvault:Vault"
KUBECONFIG = {
    "clusters": [{"name": "c", "cluster": {"server": "https://c.hcp.eastus.azmk8s.io:443", "certificate-authority-data": "Q0E="}}]
}
NODES = "/subscriptions/s/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/n/subnets/nodes"
CLOUD = Cloud(
    outputs={
        "azure-native:managedidentity:UserAssignedIdentity": {"principalId": "p", "tenantId": "t"},
        "azure-native:resources:ResourceGroup": {"name": "inference-dev"},
        VAULT: {"name": "inference-dev1a2b3c4d"},
        "azure-native:keyvault:Key": {"keyUriWithVersion": "https://v.vault.azure.net/keys/secrets/1"},
        CLUSTER: {"name": "inference-dev", "identity": {"type": "UserAssigned", "userAssignedIdentities": {}}},
    },
    results={
        "azure-native:containerservice:listManagedClusterUserCredentials": {
            "kubeconfigs": [{"name": "clusterUser", "value": base64.b64encode(yaml.safe_dump(KUBECONFIG).encode()).decode()}]
        },
        "azure-native:containerservice:getManagedCluster": {"agentPoolProfiles": [{"name": "theirs", "vnetSubnetID": NODES}]},
    },
)
RESERVATION = "/subscriptions/s/resourceGroups/reserved/providers/Microsoft.Compute/capacityReservationGroups/g"
A100 = "Standard_NC24ads_A100_v4"
MIG = {"mode": "mig", "profile": "1g.10gb"}
SHAPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "spot": {"capacity": "spot"},
    "fallback": {"capacity": "spot", "fallback": True},
    "reserved": {"capacity": "reserved", "reservation": RESERVATION},
    "parts": {"machine": A100, "sharing": MIG},
    "turns": {"sharing": {"mode": "time-slicing", "replicas": 4}},
    "at-once": {"sharing": {"mode": "mps", "replicas": 4}},
    "zones": {"zones": ["1", "2"]},
    "named": {"labels": {"team": "speech"}, "taints": [{"key": "team", "value": "speech", "effect": "NoExecute"}]},
    "fast-disk": {"disk": {"size": "64Gi", "fast": True}},
    "joined": {"machine": "Standard_ND96isr_H100_v5", "interconnect": True},
    "no-surge": {"surge": 0},
}
"""Every shape of pool, in one program."""


@pytest.fixture(autouse=True)
def no_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))


@pytest.fixture(scope="module")
def dev() -> Run:
    """Its cluster, its pool and a server."""
    return run_program("dev-aks", {**stack_config("dev-aks"), "headroom:platform": {"traefik": "existing"}}, cloud=CLOUD)


@pytest.fixture(scope="module")
def prod() -> Run:
    """Its cluster and pools alone."""
    config = cloud_alone("prod-aks")
    del config["headroom:pools"]["t4"]["warm"]
    return run_program("prod-aks", config, cloud=CLOUD)


@pytest.fixture(scope="module")
def found() -> Run:
    """Pools of every shape on a cluster that is there."""
    config = cloud_alone("dev-aks")
    config["headroom:cluster"] = {"provider": "aks", "name": "theirs", "resourceGroup": "theirs", "location": "eastus"}
    config["headroom:pools"] |= {name: {"machine": "Standard_NC8as_T4_v3", "max": 4, **pool} for name, pool in SHAPES.items()}
    return run_program("dev-aks", config, cloud=CLOUD)


def cloud_alone(stack: str) -> dict[str, Any]:
    config = stack_config(stack)
    return {**config, "headroom:servers": {}, "headroom:platform": {}}


def of_type(run: Run, type_: str) -> dict[str, Registered]:
    return {one.name: one for one in run.resources if one.type == type_}


@pytest.mark.proves("every shape of pool on AKS maps to a request that Azure's client accepts (a check of our mapping)", Proof.SCHEMA)
def test_azures_client_accepts_every_shape(found: Run) -> None:
    pools = of_type(found, AGENT_POOL)
    assert {*SHAPES, "fallback-fallback", "t4"} == set(pools)
    for pool in pools.values():
        path, said = azure_request.agent_pool(pool.inputs)
        assert path.endswith(f"/managedClusters/theirs/agentPools/{pool.inputs['agentPoolName']}")
        assert said["properties"]["vnetSubnetID"] == NODES
        asked = said["properties"]
        models.AgentPoolMode(asked["mode"])
        models.AgentPoolType(asked["type"])
        models.OSSKU(asked["osSKU"])
        models.OSDiskType(asked["osDiskType"])
        models.GPUDriver(asked["gpuProfile"]["driver"])
        models.ScaleSetPriority(asked.get("scaleSetPriority", "Regular"))
        models.GPUInstanceProfile(asked.get("gpuInstanceProfile", "MIG1g"))


@pytest.mark.parametrize(
    "wrong", [{"vmSise": "x"}, {"maxCount": "4"}, {"gpuProfile": {"drivers": "None"}}, {"nodeTaints": "a=b:NoSchedule"}]
)
def test_azures_client_refuses_what_it_does_not_know(found: Run, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        azure_request.agent_pool({**of_type(found, AGENT_POOL)["plain"].inputs, **wrong})


def test_azures_client_accepts_a_cluster(dev: Run, prod: Run) -> None:
    for run in (dev, prod):
        (cluster,) = of_type(run, CLUSTER).values()
        asked = azure_request.managed_cluster(cluster.inputs)["properties"]
        models.Expander(asked["autoScalerProfile"]["expander"])
        models.KeyVaultNetworkAccessTypes(asked["securityProfile"]["azureKeyVaultKms"]["keyVaultNetworkAccess"])


def test_a_cluster_that_is_there_gets_pools_and_nothing_else(found: Run) -> None:
    assert {one.type for one in found.resources if one.type.startswith("azure-native:")} == {AGENT_POOL}
    assert {pool.deleted_with for pool in of_type(found, AGENT_POOL).values()} == {""}


def test_the_cloud_is_asked_for_the_desired_pools(prod: Run) -> None:
    pools = of_type(prod, AGENT_POOL)
    groups = desired("prod-aks").node_groups
    assert {group.role for group in groups} == set(pools)
    for group in groups:
        assert isinstance(group, AgentPool)
        asked = pools[group.role].inputs
        assert (asked["agentPoolName"], asked["maxCount"]) == (group.name, group.arguments["max_count"])


def test_the_count_is_the_autoscalers(prod: Run) -> None:
    assert {pool.ignores for pool in of_type(prod, AGENT_POOL).values()} == {("count",)}
    assert prod.one(CLUSTER, "inference-prod").ignores == ("agentPoolProfiles[0].count",)


def test_pools_come_before_those_that_they_replace_unless_reserved(prod: Run) -> None:
    """The provider would delete first whatever has a name of its own: the engine is told for every pool."""
    assert {name: pool.deleted_first for name, pool in of_type(prod, AGENT_POOL).items()} == {
        "t4": False,
        "t4-fallback": False,
        "a100-parts": False,
        "h100x8": True,
    }
    assert all(pool.order_said for pool in of_type(prod, AGENT_POOL).values())


def test_a_cluster_may_use_its_network_its_key_and_reservations_before_it_is_made(prod: Run) -> None:
    cluster = prod.one(CLUSTER, "inference-prod")
    roles = of_type(prod, ROLE)
    assert set(roles) == {f"inference-prod-{what}" for what in ("network", "key-use", "key-link", "reservations-0")}
    assert set(roles) <= set(cluster.dependencies)
    assert roles["inference-prod-reservations-0"].inputs["scope"].endswith("/resourceGroups/reserved")


def test_secrets_are_encrypted_with_a_key_that_is_reached_from_inside_alone(dev: Run) -> None:
    security = dev.one(CLUSTER, "inference-dev").inputs["securityProfile"]
    assert security["azureKeyVaultKms"]["keyId"] == "https://v.vault.azure.net/keys/secrets/1"
    (vault,) = of_type(dev, VAULT).values()
    assert vault.inputs["properties"]["publicNetworkAccess"] == "disabled"
    assert "vaultName" not in vault.inputs


def test_who_changed_what_is_kept(dev: Run) -> None:
    (logs,) = of_type(dev, "azure-native:monitor:DiagnosticSetting").values()
    assert "kube-audit-admin" in {log["category"] for log in logs.inputs["logs"]}


def test_what_azure_keeps_for_good_stays_when_the_protection_is_taken_off(dev: Run, prod: Run) -> None:
    """Azure refuses another retention of a vault that is there ("once set, the retention policy interval cannot be changed")."""
    ((protected,), (other,)) = (of_type(run, VAULT).values() for run in (prod, dev))
    retention = "softDeleteRetentionInDays"
    assert (protected.inputs["properties"][retention], other.inputs["properties"][retention]) == (90, 7)
    assert protected.ignores == other.ignores == (f"properties.{retention}",)


def test_protection_is_of_cluster_vault_and_key_and_a_lock_keeps_the_key(dev: Run, prod: Run) -> None:
    lock = "azure-native:authorization:ManagementLockByScope"
    at_azure = {one.type for one in prod.resources if one.protected and one.type.startswith("azure-native:")}
    assert at_azure == {CLUSTER, VAULT, "azure-native:keyvault:Key"}
    assert [one.inputs["scope"] for one in of_type(prod, lock).values()] == ["inference-prod-id"]
    assert not [one for one in dev.resources if one.protected or one.type == lock]


def test_an_api_server_is_private_unless_addresses_are_let_in(dev: Run, prod: Run) -> None:
    opened, closed = (
        run.one(CLUSTER, name).inputs["apiServerAccessProfile"] for run, name in ((dev, "inference-dev"), (prod, "inference-prod"))
    )
    assert (opened["enablePrivateCluster"], opened["authorizedIPRanges"]) == (False, ["203.0.113.0/24"])
    assert closed["enablePrivateCluster"]
    assert "authorizedIPRanges" not in closed


def test_pools_go_with_the_cluster_that_the_program_made(dev: Run) -> None:
    assert {pool.deleted_with for pool in of_type(dev, AGENT_POOL).values()} == {"inference-dev"}


def test_a_subscription_that_is_named_is_the_one_of_everything(prod: Run, dev: Run) -> None:
    azure = [one for one in prod.resources if one.type.startswith("azure-native:")]
    assert azure
    assert all("::inference-prod::" in one.provider for one in azure)
    assert not of_type(dev, "pulumi:providers:azure-native")


def test_the_provider_is_the_clusters_and_its_kubeconfig_is_secret(dev: Run) -> None:
    provider = dev.one("pulumi:providers:kubernetes", "inference-dev")
    assert (provider.inputs["clusterIdentifier"], provider.inputs["kubeconfig"]) == ("inference-dev", "[secret]")


def test_what_is_in_a_cluster_goes_with_it(dev: Run) -> None:
    assert dev.one("kubernetes:policy/v1:PodDisruptionBudget", "demo-disruption-budget").deleted_with == "inference-dev"


def test_spot_nodes_are_tried_before_those_that_they_fall_back_to(prod: Run) -> None:
    config = prod.one("kubernetes:core/v1:ConfigMap", "node-priorities").inputs
    names = {pool.name: pool.inputs["agentPoolName"] for pool in of_type(prod, AGENT_POOL).values()}
    priorities = yaml.safe_load(config["data"]["priorities"])
    assert priorities[50] == [f"^aks-{names['t4']}-.*"]
    assert f"^aks-{names['t4-fallback']}-.*" in priorities[10]
    assert prod.one(CLUSTER, "inference-prod").inputs["autoScalerProfile"]["expander"] == "priority"
