"""A cluster of Amazon EKS."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from headroom.catalog.distributions import EKS, Distribution
from headroom.settings.base import Addresses, Count, Name, Settings
from headroom.settings.cluster.creation import Creation, min_at_most_max

_MOST_ZONES = 6
_LARGEST, _SMALLEST = 16, 19
"""Prefix lengths: what AWS allows a network to be at most, and what leaves a zone room for the addresses that every pod takes."""

Zone = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", title="zone")]
Arn = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:[\w+=,.@/:-]+$", title="ARN")]


def _network(value: str) -> str:
    network = ipaddress.ip_network(value)
    if network.version != 4 or not _LARGEST <= network.prefixlen <= _SMALLEST:
        raise ValueError(f"must be a range of IPv4 addresses of /{_LARGEST} to /{_SMALLEST}, such as 10.0.0.0/16: every pod takes one")
    return value


class EksCpuNodes(Settings):
    """Nodes without GPUs, for what runs beside the servers."""

    machine: str = Field(default="m7i.xlarge", pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$", description="x86 machine type as AWS names it")
    min: Count = Field(default=2, ge=1, description="nodes that are always there")
    max: Count = Field(default=4, ge=1, le=100, description="nodes that there may be")

    _bounds = model_validator(mode="after")(min_at_most_max)


class EksCreation(Creation):
    """An EKS cluster with a network of its own, made by the program. `true` takes every default."""

    network: Annotated[Addresses, AfterValidator(_network)] = Field(
        default="10.0.0.0/16", description="addresses of its network (VPC), of nodes and of pods"
    )
    zones: tuple[Zone, ...] = Field(
        default=(), max_length=_MOST_ZONES, description="two zones at least that have the GPUs; the region's first three when left out"
    )
    nat: Literal["one", "each-zone"] = Field(
        default="one",
        description="gateways by which nodes reach the internet: one is cheaper, and where its zone fails no node pulls an image",
    )
    admins: tuple[Arn, ...] = Field(
        default=(), description="IAM roles and users that may do everything in the cluster, beside whoever makes it"
    )
    log_days: Literal[1, 7, 14, 30, 60, 90, 180, 365, 731, 1827, 3653] = Field(
        default=90, description="days for which its audit logs are kept in CloudWatch"
    )
    cpu: EksCpuNodes = Field(default_factory=EksCpuNodes, description="nodes without GPUs, for the platform")

    @model_validator(mode="after")
    def _zones(self) -> EksCreation:
        if len(self.zones) == 1 or len(set(self.zones)) < len(self.zones):
            raise ValueError("zones must be two different ones at least: EKS puts its control plane into several")
        return self


class EksCluster(Settings):
    """Amazon EKS: the program makes the GPU pools, and with `create` the cluster too."""

    provider: Literal["eks"]
    name: Name = Field(description="name of the cluster; changing it replaces everything in it")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$", description="region of AWS, such as us-west-2")
    subnets: tuple[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$", title="subnet")], ...] = Field(
        default=(), description="subnets that nodes of the pools are in; the cluster's own when left out"
    )
    node_role: Arn | None = Field(default=None, description="IAM role of the pools' nodes; the program makes one when left out")
    create: EksCreation | None = Field(default=None, description="makes the cluster; when left out, it is there and found by its name")

    @property
    def runs_on(self) -> Distribution:
        return EKS


class EksPool(Settings):
    """What a pool has on EKS alone."""

    capacity_block: bool = Field(
        default=False, description="of capacity reserved: whether the reservation is a Capacity Block for ML, which begins and ends"
    )
