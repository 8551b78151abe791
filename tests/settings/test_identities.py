"""Who a server's pods are in their cluster's cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.desired.objects import Object
from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed, problems

ROLE = "arn:aws:iam::111122223333:role/models"
ACCOUNT = "models@my-project.iam.gserviceaccount.com"
CLIENT = "12345678-90ab-cdef-1234-567890abcdef"
MANAGED = "/subscriptions/s/resourceGroups/models/providers/Microsoft.ManagedIdentity/userAssignedIdentities/models"
EKS = {"provider": "eks", "name": "a", "region": "us-west-2"}

pytestmark = pytest.mark.proves("a server's identity in its cluster's cloud, for its model bucket", Proof.SCHEMA)


def existing(distribution: str) -> tuple[str, Any]:
    return "headroom:cluster", {"provider": "existing", "name": "a", "distribution": distribution}


def rendered(directory: Path, *changes: tuple[str, Any]) -> tuple[Object, Object]:
    """ServiceAccount and pod template."""
    objects = render(accepted(directory, changed(*changes, ("headroom:platform", {"gpuOperator": "existing"})))).servers[0].objects
    return objects["identity"], objects["workload"]["spec"]["template"]


@pytest.mark.parametrize(
    ("distribution", "identity", "annotations", "labels"),
    [
        ("eks", ROLE, {"eks.amazonaws.com/role-arn": ROLE}, {}),
        ("gke", ACCOUNT, {"iam.gke.io/gcp-service-account": ACCOUNT}, {}),
        ("aks", CLIENT, {"azure.workload.identity/client-id": CLIENT}, {"azure.workload.identity/use": "true"}),
    ],
)
def test_the_cloud_is_told_by_the_service_account(
    tmp_path: Path, distribution: str, identity: str, annotations: dict[str, str], labels: dict[str, str]
) -> None:
    account, template = rendered(tmp_path, existing(distribution), (f"{DEMO}/identity", identity))
    assert account["metadata"]["annotations"] == annotations
    assert labels.items() <= template["metadata"]["labels"].items()
    assert template["spec"]["serviceAccountName"] == account["metadata"]["name"]


def test_on_eks_the_component_joins_account_and_role_where_it_makes_the_pools(tmp_path: Path) -> None:
    pool = ("headroom:pools/l4", {"machine": "g6.2xlarge", "min": 5, "max": 5})
    account, _ = rendered(tmp_path, ("headroom:cluster", EKS), pool, (f"{DEMO}/identity", ROLE))
    assert "annotations" not in account["metadata"]


def test_on_aks_the_resource_id_stands_for_what_azure_alone_knows(tmp_path: Path) -> None:
    cluster = ("headroom:cluster", {"provider": "aks", "name": "a", "resourceGroup": "a", "location": "eastus"})
    pool = ("headroom:pools/l4", {"machine": "Standard_NC8as_T4_v3", "max": 5})
    account, template = rendered(tmp_path, cluster, pool, (f"{DEMO}/identity", MANAGED))
    assert account["metadata"]["annotations"] == {"azure.workload.identity/client-id": MANAGED}
    assert template["metadata"]["labels"]["azure.workload.identity/use"] == "true"


def test_a_cluster_that_another_stack_makes_wants_the_client_id(tmp_path: Path) -> None:
    refused = problems(tmp_path, changed(existing("aks"), (f"{DEMO}/identity", MANAGED)))["servers.demo.identity"]
    assert refused == "must be the client ID of a managed identity on Azure AKS, such as 00000000-0000-0000-0000-000000000000"


def test_without_one_nothing_is_said(tmp_path: Path) -> None:
    account, _ = rendered(tmp_path, existing("eks"))
    assert "annotations" not in account["metadata"]


@pytest.mark.parametrize(
    ("cluster", "identity", "message"),
    [
        (existing("eks"), ACCOUNT, "must be the ARN of an IAM role on Amazon EKS, such as arn:aws:iam::111122223333:role/models"),
        (existing("gke"), ROLE, "must be the email of a service account on Google GKE, such as models@my-project.iam.gserviceaccount.com"),
        (existing("aks"), ROLE, "must be the client ID of a managed identity on Azure AKS, such as 00000000-0000-0000-0000-000000000000"),
        (existing("other"), ROLE, "pods on a cluster of another kind have no identity in a cloud: leave identity out"),
        (("headroom:cluster", {"provider": "kwok"}), ROLE, "pods on the sandbox have no identity in a cloud: leave identity out"),
    ],
)
def test_an_identity_of_another_cloud_is_refused(tmp_path: Path, cluster: tuple[str, Any], identity: str, message: str) -> None:
    assert problems(tmp_path, changed(cluster, (f"{DEMO}/identity", identity)))["servers.demo.identity"] == message
