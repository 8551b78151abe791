"""Identities of servers under Pulumi's mocks: what a cloud is told of the ServiceAccounts that may be somebody in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.components import test_aks as aks
from tests.components.program import Cloud, Registered, Run, run_program, stack_config
from tests.evidence import Proof

pytestmark = pytest.mark.thorough

EKS = Cloud(
    results={
        "aws:eks/getCluster:getCluster": {
            "endpoint": "https://example.com",
            "certificateAuthorities": [{"data": "Q0E="}],
            "vpcConfig": {"vpcId": "vpc-1", "clusterSecurityGroupId": "sg-1", "subnetIds": ["subnet-1"]},
        },
        "aws:eks/getNodeGroup:getNodeGroup": {"scalingConfigs": []},
    },
    outputs={
        "aws:eks/nodeGroup:NodeGroup": {"resources": [{"autoscalingGroups": [{"name": "asg-1"}]}]},
        "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 3},
        "aws:iam/role:Role": {"arn": "arn:aws:iam::111122223333:role/made"},
    },
)
GKE = Cloud(
    results={
        "gcp:container/getCluster:getCluster": {
            "endpoint": "10.0.0.2",
            "masterAuths": [{"clusterCaCertificate": "Q0E="}],
            "controlPlaneEndpointsConfigs": [{"dnsEndpointConfigs": [{"endpoint": "gke-1.us-central1.gke.goog"}]}],
        },
    },
)


@pytest.fixture(autouse=True)
def no_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))


def one(stack: str, cluster: dict[str, Any], identity: str, cloud: Cloud, type_: str) -> Registered:
    """What joins a server and its identity, on which its pods wait."""
    config = stack_config(stack)
    config["headroom:cluster"] = cluster
    (server,) = config["headroom:servers"]
    config["headroom:servers"][server]["identity"] = identity
    run = run_program(stack, config, cloud=cloud)
    (found,) = [each for each in run.resources if each.type == type_ and each.name.endswith(server)]
    waiting = {*run.one("headroom:index:ModelServer", server).dependencies, *run.one("pulumi:providers:kubernetes", "theirs").dependencies}
    assert found.name in waiting
    return found


def test_eks_joins_the_service_account_and_its_role() -> None:
    role = "arn:aws:iam::111122223333:role/models"
    theirs = {"provider": "eks", "name": "theirs", "region": "us-west-2"}
    found = one("dev-eks", theirs, role, EKS, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert found.inputs == {"clusterName": "theirs", "namespace": "inference", "serviceAccount": "qwen-7b", "roleArn": role}


def test_gke_lets_the_service_account_be_googles() -> None:
    account = "models@my-project.iam.gserviceaccount.com"
    theirs = {"provider": "gke", "name": "theirs", "project": "my-project", "location": "us-central1"}
    found = one("dev-gke", theirs, account, GKE, "gcp:serviceaccount/iAMMember:IAMMember")
    assert found.inputs["serviceAccountId"] == f"projects/-/serviceAccounts/{account}"
    assert found.inputs["role"] == "roles/iam.workloadIdentityUser"
    assert found.inputs["member"].startswith("serviceAccount:my-project.svc.id.goog[inference/")


def azure_identity(name: str, subscription: str = "s") -> str:
    return f"/subscriptions/{subscription}/resourceGroups/models/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"


AKS = replace(
    aks.CLOUD,
    outputs={**aks.CLOUD.outputs, aks.CLUSTER: {**aks.CLOUD.outputs[aks.CLUSTER], "oidcIssuerProfile": {"issuerURL": "https://made"}}},
    results={
        **aks.CLOUD.results,
        "azure-native:managedidentity:getUserAssignedIdentity": {"clientId": "client-of-models"},
        "azure-native:containerservice:getManagedCluster": {
            **aks.CLOUD.results["azure-native:containerservice:getManagedCluster"],
            "oidcIssuerProfile": {"enabled": True, "issuerURL": "https://found"},
        },
    },
)
FOUND = {"provider": "aks", "name": "theirs", "resourceGroup": "theirs", "location": "eastus"}
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"


def on_aks(cloud: Cloud = AKS, cluster: dict[str, Any] | None = None, **identities: str) -> Run:
    """Servers called as the arguments are, each with its identity."""
    config = stack_config("dev-aks")
    config["headroom:cluster"] = cluster or config["headroom:cluster"]
    demo = {**config["headroom:servers"].pop("demo"), "route": None}
    demo["autoscaling"] = {**demo["autoscaling"], "replicas": {"min": 1, "max": 1}}
    config["headroom:servers"] = {name: {**demo, "identity": identity} for name, identity in identities.items()}
    return run_program("dev-aks", config, cloud=cloud)


@pytest.mark.proves("a server's managed identity on AKS: the federated credential is made with the cluster or the pools", Proof.SCHEMA)
@pytest.mark.parametrize(("cluster", "issuer"), [(None, "https://made"), (FOUND, "https://found")], ids=["made", "found"])
def test_aks_lets_pods_be_the_managed_identity(cluster: dict[str, Any] | None, issuer: str) -> None:
    run = on_aks(cluster=cluster, demo=azure_identity("models"))
    (credential,) = [one for one in run.resources if one.type == CREDENTIAL]
    asked = credential.inputs
    assert (asked["resourceGroupName"], asked["resourceName"], asked["issuer"]) == ("models", "models", issuer)
    assert (asked["subject"], asked["audiences"]) == ("system:serviceaccount:inference:demo", ["api://AzureADTokenExchange"])
    account = run.one("kubernetes:core/v1:ServiceAccount", "demo-identity").inputs
    assert account["metadata"]["annotations"] == {"azure.workload.identity/client-id": "client-of-models"}
    assert credential.name in run.one("headroom:index:ModelServer", "demo").dependencies


def test_an_identity_that_two_servers_have_is_changed_once_at_a_time() -> None:
    run = on_aks(first=azure_identity("models"), second=azure_identity("models"), other=azure_identity("others", "another"))
    one, two, elsewhere = (run.one(CREDENTIAL, f"inference-dev-{name}") for name in ("first", "second", "other"))
    assert one.name in two.dependencies
    assert len({found.inputs["federatedIdentityCredentialResourceName"] for found in (one, two, elsewhere)}) == 3
    assert not {one.name, two.name} & set(elsewhere.dependencies)


def test_a_cluster_without_an_issuer_is_told_how_to_get_one() -> None:
    from components.cluster.aks import issuer

    with pytest.raises(pulumi.RunError, match="az aks update --enable-oidc-issuer"):
        issuer(None)


def test_an_identity_that_is_named_by_its_client_id_is_its_owners_to_federate() -> None:
    run = on_aks(demo="12345678-90ab-cdef-1234-567890abcdef")
    assert not [one for one in run.resources if one.type == CREDENTIAL]
