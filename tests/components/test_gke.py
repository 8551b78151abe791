"""Stacks on GKE under Pulumi's mocks: what the engine is told of the cluster, its pools and the way to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from headroom.desired.pools.gke import GkeNodePool
from tests.components.program import Cloud, Registered, Run, run_program, stack_config
from tests.desired.stacks import desired

pytestmark = pytest.mark.thorough

Kubeconfig = Callable[[str, str, str | None], dict[str, Any]]

CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
PROVIDER = "pulumi:providers:kubernetes"
ENDPOINTS = {"dnsEndpointConfig": {"endpoint": "gke-1.us-central1.gke.goog"}}
CLOUD = Cloud(
    outputs={
        CLUSTER: {"endpoint": "10.0.0.2", "masterAuth": {"clusterCaCertificate": "Q0E="}, "controlPlaneEndpointsConfig": ENDPOINTS},
        "gcp:serviceaccount/account:Account": {"email": "nodes@my-project.iam.gserviceaccount.com"},
    },
    results={
        "gcp:organizations/getProject:getProject": {"number": "42"},
        "gcp:container/getCluster:getCluster": {
            "endpoint": "10.0.0.2",
            "masterAuths": [{"clusterCaCertificate": "Q0E="}],
            "controlPlaneEndpointsConfigs": [{"dnsEndpointConfigs": [{"endpoint": "gke-1.us-central1.gke.goog"}]}],
        },
    },
)


@pytest.fixture(autouse=True)
def no_kubeconfig(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))


@pytest.fixture(scope="module")
def dev() -> Run:
    return run_program("dev-gke", cloud=CLOUD)


@pytest.fixture(scope="module")
def prod() -> Run:
    return run_program("prod-gke", cloud=CLOUD)


@pytest.fixture(scope="module")
def found() -> Run:
    config = stack_config("dev-gke")
    config["headroom:cluster"] = {"provider": "gke", "name": "theirs", "project": "my-project", "location": "us-central1"}
    return run_program("dev-gke", config, cloud=CLOUD)


@pytest.fixture(scope="module")
def kubeconfig() -> Kubeconfig:
    # Google's SDK takes seconds, which nobody waits for who only collects the tests.
    from components.cluster.gke.kubeconfig import text

    return lambda *of: json.loads(text(*of))


def of_type(run: Run, type_: str) -> dict[str, Registered]:
    return {one.name: one for one in run.resources if one.type == type_}


def test_the_cloud_is_asked_for_the_desired_pools(dev: Run) -> None:
    pools = of_type(dev, NODE_POOL)
    for group in desired("dev-gke").node_groups:
        assert isinstance(group, GkeNodePool)
        asked = pools[group.role].inputs
        assert asked["name"] == group.name
        assert asked["autoscaling"] == {"totalMinNodeCount": 0, "totalMaxNodeCount": 3, "locationPolicy": "ANY"}


def test_the_counts_of_the_autoscaler_are_ignored(dev: Run) -> None:
    assert {pool.ignores for pool in of_type(dev, NODE_POOL).values()} == {("initialNodeCount", "nodeCount")}


def test_reserved_pools_alone_go_first(prod: Run) -> None:
    assert {name for name, pool in of_type(prod, NODE_POOL).items() if pool.deleted_first} == {"h100x8"}


def test_nodes_are_somebody_who_may_do_nothing_else(dev: Run) -> None:
    accounts = {pool.inputs["nodeConfig"]["serviceAccount"] for pool in of_type(dev, NODE_POOL).values()}
    assert accounts == {"nodes@my-project.iam.gserviceaccount.com"}
    roles = {one.inputs["role"] for one in of_type(dev, "gcp:projects/iAMMember:IAMMember").values()}
    assert roles == {"roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"}


def test_the_cluster_waits_until_gke_may_use_the_key(dev: Run) -> None:
    cluster = dev.one(CLUSTER, "inference-dev")
    admitted = dev.one("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "inference-dev-secrets-gke")
    assert admitted.name in cluster.dependencies
    assert admitted.inputs["member"] == "serviceAccount:service-42@container-engine-robot.iam.gserviceaccount.com"
    assert cluster.inputs["databaseEncryption"] == {"state": "ENCRYPTED", "keyName": "inference-dev-secrets-id"}


def test_google_keeps_names_of_keys_so_they_are_its_own(dev: Run) -> None:
    assert "name" not in dev.one("gcp:kms/keyRing:KeyRing", "inference-dev-secrets").inputs


def test_a_key_and_an_account_that_are_given_are_used_and_not_made() -> None:
    config = stack_config("dev-gke")
    key, account = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k", "nodes@p.iam.gserviceaccount.com"
    config["headroom:cluster"] |= {"nodeServiceAccount": account, "create": {"secretsKey": key}}
    run = run_program("dev-gke", config, cloud=CLOUD)
    assert run.one(CLUSTER, "inference-dev").inputs["databaseEncryption"]["keyName"] == key
    assert {pool.inputs["nodeConfig"]["serviceAccount"] for pool in of_type(run, NODE_POOL).values()} == {account}
    assert not [one for one in run.resources if one.type.startswith(("gcp:kms", "gcp:serviceaccount", "gcp:projects"))]


def test_nothing_is_put_into_the_cluster_before_it_has_nodes_and_a_way_out(dev: Run) -> None:
    provider = dev.one(PROVIDER, "inference-dev")
    assert {"inference-dev-cpu", "inference-dev", "inference-dev-webhooks"} <= set(provider.dependencies)


def test_the_provider_is_the_clusters_and_keeps_no_token(dev: Run) -> None:
    provider = dev.one(PROVIDER, "inference-dev").inputs
    assert (provider["clusterIdentifier"], provider["kubeconfig"]) == ("gke_my-project_us-central1-a_inference-dev", "[secret]")


def test_pools_go_with_the_cluster_that_the_program_made(dev: Run) -> None:
    assert {pool.deleted_with for pool in of_type(dev, NODE_POOL).values()} == {"inference-dev"}


def test_a_cluster_that_is_there_gets_pools_and_nothing_else(found: Run) -> None:
    assert {one.type for one in found.resources if one.type.startswith("gcp:")} == {NODE_POOL}
    (pool,) = of_type(found, NODE_POOL).values()
    assert (pool.inputs["cluster"], pool.deleted_with) == ("theirs", "")


def test_no_resource_of_google_gets_the_kubernetes_provider(dev: Run) -> None:
    assert not [one.name for one in dev.resources if one.type.startswith("gcp:") and "providers:kubernetes" in one.provider]


def test_a_kubeconfig_asks_for_a_token_each_time(kubeconfig: Kubeconfig) -> None:
    config = kubeconfig("c", "10.0.0.2", "Q0E=")
    (user,) = config["users"]
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert config["clusters"][0]["cluster"] == {"server": "https://10.0.0.2", "certificate-authority-data": "Q0E="}


def test_by_its_name_the_api_server_has_a_certificate_that_everybody_knows(kubeconfig: Kubeconfig) -> None:
    (cluster,) = kubeconfig("c", "gke-1.us-central1.gke.goog", None)["clusters"]
    assert cluster["cluster"] == {"server": "https://gke-1.us-central1.gke.goog"}
