"""How the pods of a ServiceAccount come to an identity in their cluster's cloud, and with it to a bucket.

Sources: awsdocs/amazon-eks-user-guide latest/ug/manage-access/{pod-identities,pod-id-agent-setup,iam-roles-for-service-accounts}.adoc;
docs.cloud.google.com/kubernetes-engine how-to/{workload-identity,network-policy}; learn.microsoft.com/azure/aks/workload-identity-overview.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CredentialSource:
    """Where pods get the credentials of their identity, inside the cluster."""

    addresses: str
    """A CIDR block."""
    ports: tuple[int, ...]


@dataclass(frozen=True)
class CloudIdentity:
    """Of one kind of cluster."""

    form: re.Pattern[str]
    what: str
    """What an identity is there, in words."""
    example: str
    annotation: str
    """Of the ServiceAccount."""
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[CredentialSource, ...] = ()
    """None where a service of the cloud gives them, over HTTPS."""


_ROLE = CloudIdentity(
    re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+"),
    "the ARN of an IAM role",
    "arn:aws:iam::111122223333:role/models",
    "eks.amazonaws.com/role-arn",
    sources=(CredentialSource("169.254.170.23/32", (80,)), CredentialSource("fd00:ec2::23/128", (80,))),
)

CLOUD_IDENTITIES: Mapping[str, CloudIdentity] = {
    "eks": _ROLE,
    "eks-auto": _ROLE,
    "gke": CloudIdentity(
        re.compile(r"[a-z0-9][-a-z0-9]*@[a-z0-9.-]+\.gserviceaccount\.com"),
        "the email of a service account",
        "models@my-project.iam.gserviceaccount.com",
        "iam.gke.io/gcp-service-account",
        # As a policy sees them: with Calico, and with Dataplane V2.
        sources=(CredentialSource("169.254.169.252/32", (987, 988)), CredentialSource("169.254.169.254/32", (80, 8080))),
    ),
    "aks": CloudIdentity(
        re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        "the client ID of a managed identity",
        "00000000-0000-0000-0000-000000000000",
        "azure.workload.identity/client-id",
        {"azure.workload.identity/use": "true"},
    ),
}
"""By kind of cluster."""
