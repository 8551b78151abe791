"""A cluster of Google GKE."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from headroom.catalog.distributions import GKE, Distribution
from headroom.settings.base import Count, Name, Settings
from headroom.settings.cluster.creation import Creation

# An account of another project may run nodes too, so its project is not looked at.
_ACCOUNT = r"^[a-z0-9][-a-z0-9]*@[a-z0-9.-]+\.gserviceaccount\.com$"
_KEY = r"^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$"
_ZONES_OF_A_REGION = 3
"""In which GKE puts the nodes of a regional cluster (docs.cloud.google.com/kubernetes-engine concepts/regional-clusters)."""

Zone = Annotated[str, Field(pattern=r"^[a-z]+-[a-z]+[0-9]+-[a-z]$", title="zone")]


class CpuNodes(Settings):
    """Nodes without GPUs, for what runs beside the servers."""

    machine: str = Field(default="e2-standard-4", min_length=1, description="machine type as Google names it")
    min: Count = Field(default=1, ge=1, description="nodes that are always there")
    max: Count = Field(default=4, ge=1, le=100, description="nodes that there may be")


class GkeCreation(Creation):
    """A GKE cluster with a network of its own, made by the program. `true` takes every default."""

    channel: Literal["rapid", "regular", "stable", "extended"] = Field(
        default="regular", description="release channel, by which Google upgrades control plane and nodes"
    )
    secrets_key: str | None = Field(
        default=None,
        pattern=_KEY,
        description="key of Cloud KMS that Secrets are encrypted with, in the cluster's region, GKE's service agent admitted to it; the "
        "program makes one when left out",
    )
    autoscaling_profile: Literal["balanced", "optimize-utilization"] = Field(
        default="balanced", description="how soon an idle node goes: optimize-utilization is for jobs that may wait for nodes"
    )
    multi_networking: bool = Field(
        default=False,
        description="whether nodes may have further networks, as pools with interconnect need; to be said before the cluster is made",
    )
    cpu: CpuNodes = Field(default_factory=CpuNodes, description="nodes for what runs beside the servers")


class GkeCluster(Settings):
    """Google GKE: the program makes the GPU pools, and with `create` the cluster too."""

    provider: Literal["gke"]
    name: Name = Field(description="name of the cluster; changing it, its project or its location replaces everything in it")
    project: str = Field(pattern=r"^[a-z][-a-z0-9]{4,28}[a-z0-9]$", description="project of Google Cloud that the cluster is in")
    location: str = Field(
        pattern=r"^[a-z]+-[a-z]+[0-9]+(-[a-z])?$", description="region such as us-central1, or zone such as us-central1-a"
    )
    zones: tuple[Zone, ...] = Field(
        default=(), description="zones of the region that nodes are in: those that have the GPUs; three of Google's choice when left out"
    )
    dns_access: bool = Field(
        default=False,
        description="whether its API server is reached by its name, which Google's IAM guards, from anywhere; by its address when left out",
    )
    workload_identity: bool = Field(
        default=True, description="whether pods may have identities of Google's; false on a cluster that has no workload pool"
    )
    node_service_account: str | None = Field(
        default=None,
        pattern=_ACCOUNT,
        description="service account of the nodes; when left out, one that the program makes with the cluster, or the project's default",
    )
    create: GkeCreation | None = Field(default=None, description="makes the cluster; when left out, it is there and found by its name")

    @property
    def runs_on(self) -> Distribution:
        return GKE

    @property
    def full_name(self) -> str:
        """What gcloud calls it in a kubeconfig: no other cluster has it."""
        return f"gke_{self.project}_{self.location}_{self.name}"

    @property
    def region(self) -> str:
        """Of the cluster, wherever in it it is."""
        return "-".join(self.location.split("-")[:2])

    def zone_count(self, zones: tuple[str, ...]) -> int:
        """How many zones nodes are in, whose pool names `zones` or leaves them to the cluster."""
        chosen = zones or self.zones
        if chosen:
            return len(chosen)
        return _ZONES_OF_A_REGION if self.location == self.region else 1


class GkePool(Settings):
    """What a pool has on GKE alone."""

    driver: Literal["default", "latest"] = Field(
        default="default", description="which driver GKE installs, where it does: that of the release, or the newest it has"
    )
    local_ssds: Count | None = Field(
        default=None, ge=0, le=24, description="local SSDs that hold images and what servers fetch; 0: as many as the machine comes with"
    )
    image_caches: tuple[str, ...] = Field(
        default=(), max_length=8, description="disk images with container images that every node starts with; needs imageStreaming"
    )
