"""A cluster of Azure AKS."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from headroom.catalog.distributions import AKS, Distribution
from headroom.settings.base import AZURE_MACHINE, AZURE_REGION, GUID, RESOURCE_GROUP, Addresses, Count, Name, Settings
from headroom.settings.cluster.creation import Creation, min_at_most_max

PODS = "10.244.0.0/16"
SERVICES = "10.0.0.0/16"
"""Addresses inside of a cluster that the program makes: no machine outside sees them."""
_SMALLEST_NETWORK = 24

Guid = Annotated[str, Field(pattern=GUID, title="GUID")]


def _network(value: str) -> str:
    network = ipaddress.ip_network(value)
    if network.version != 4 or network.prefixlen > _SMALLEST_NETWORK:
        raise ValueError(f"must be a range of IPv4 addresses of /{_SMALLEST_NETWORK} or larger: nodes and the API server live there")
    for taken, whose in ((PODS, "pods"), (SERVICES, "Services")):
        if network.overlaps(ipaddress.IPv4Network(taken)):
            raise ValueError(f"overlaps {taken}, where the cluster's {whose} have their addresses: choose another, such as 10.64.0.0/16")
    return value


class AksSystemPool(Settings):
    """Nodes without GPUs, for the cluster's own pods and the platform."""

    machine: str = Field(
        default="Standard_D4s_v5",
        pattern=AZURE_MACHINE,
        description="machine type; AKS cannot change it: docs/clouds/aks.md says how to go to another one",
    )
    min: Count = Field(default=2, ge=1, le=1000, description="nodes that are always there")
    max: Count = Field(default=5, ge=1, le=1000, description="nodes that there may be")
    zones: tuple[str, ...] = Field(default=(), description="zones that the nodes are spread over, such as 1, 2, 3; none when left out")

    _bounds = model_validator(mode="after")(min_at_most_max)


class AksCreation(Creation):
    """An AKS cluster with a network of its own, made by the program with its resource group."""

    deletion_protection: bool = Field(
        default=True,
        description="whether Pulumi refuses to delete the cluster, and Azure its resource group and the key of its Secrets; set it to "
        "false before `pulumi destroy`",
    )
    admins: tuple[Guid, ...] = Field(
        min_length=1,
        description="object ids of the groups of Microsoft Entra ID whose members may do everything in the cluster; whoever runs "
        "`pulumi up` is in one of them",
    )
    network: Annotated[Addresses, AfterValidator(_network)] = Field(
        default="10.64.0.0/16", description="addresses of its virtual network, half of them for nodes"
    )
    system: AksSystemPool = Field(default_factory=AksSystemPool, description="nodes without GPUs, for the platform")


class AksCluster(Settings):
    """Azure AKS: the program makes the GPU pools, and with `create` the cluster too."""

    provider: Literal["aks"]
    name: Name = Field(description="name of the cluster; changing it replaces everything in it")
    resource_group: str = Field(pattern=RESOURCE_GROUP, description="resource group that the cluster is in, made with it")
    location: str = Field(pattern=AZURE_REGION, description="region of Azure, such as eastus")
    subscription: Guid | None = Field(
        default=None, description="subscription that the cluster is in; the one that `az` or $ARM_SUBSCRIPTION_ID chooses when left out"
    )
    login: Literal["azurecli", "azd", "spn", "msi", "workloadidentity"] = Field(
        default="azurecli", description="how kubelogin, which must be on the PATH, gets a token for the cluster"
    )
    create: AksCreation | None = Field(default=None, description="makes the cluster; when left out, it is there and found by its name")

    @property
    def runs_on(self) -> Distribution:
        return AKS
