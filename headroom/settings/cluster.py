"""The cluster and its pools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from headroom.catalog.distributions import DISTRIBUTIONS, KWOK, Distribution
from headroom.settings.base import Count, Name, Settings
from headroom.settings.sharing import Sharing


class KwokCluster(Settings):
    """The sandbox: a real control plane whose GPU nodes are played by KWOK."""

    provider: Literal["kwok"]
    name: Name = Field(default="local", description="name of the cluster, and what its kubernetes Provider is identified by")

    @property
    def runs_on(self) -> Distribution:
        return KWOK


class ExistingCluster(Settings):
    """Any cluster that a kubeconfig leads to; its nodes are not ours."""

    provider: Literal["existing"]
    name: Name = Field(description="name of the cluster; changing it replaces everything in it, so keep it when the address changes")
    context: str | None = Field(default=None, description="context of the kubeconfig in $KUBECONFIG; its current context when left out")
    distribution: Literal["eks", "eks-auto", "gke", "aks", "other"] = Field(
        default="other", description="kind of cluster: what it brings by itself is not installed twice"
    )

    @property
    def runs_on(self) -> Distribution:
        return DISTRIBUTIONS[self.distribution]


Cluster = Annotated[KwokCluster | ExistingCluster, Field(discriminator="provider")]

CLUSTERS: dict[str, type[KwokCluster] | type[ExistingCluster]] = {"kwok": KwokCluster, "existing": ExistingCluster}
"""The settings of a cluster by its provider."""


class Pool(Settings):
    """GPU nodes of one machine type. On an existing cluster they are there already, with the label `headroom.dev/pool: NAME`."""

    machine: str = Field(description="machine type as its cloud names it; see headroom/catalog/machines")
    min: Count = Field(default=0, ge=0, description="nodes that are always there")
    max: Count = Field(ge=1, le=1000, description="nodes that there may be")
    warm: Count = Field(
        default=0, ge=0, le=1000, description="further replicas, each as large as the pool's largest, that room is kept ready for"
    )
    sharing: Sharing = Field(default_factory=Sharing, description="how several pods share a GPU; not at all when left out")
