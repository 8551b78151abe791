"""A cluster that somebody else runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from headroom.catalog.distributions import DISTRIBUTIONS, Distribution
from headroom.settings.base import STACK, Name, Settings


class ExistingCluster(Settings):
    """Any cluster that a kubeconfig leads to; its nodes are not ours."""

    provider: Literal["existing"]
    name: Name = Field(description="name of the cluster; changing it replaces everything in it, so keep it when the address changes")
    context: str | None = Field(default=None, description="context of the kubeconfig in $KUBECONFIG; its current context when left out")
    stack: str | None = Field(
        default=None,
        pattern=STACK,
        description="the stack that makes the cluster, by its full name: its kubeconfig is read from that stack's outputs",
    )
    distribution: Literal["eks", "eks-auto", "gke", "aks", "other"] = Field(
        default="other", description="kind of cluster: what it brings by itself is not installed twice"
    )

    @model_validator(mode="after")
    def _one_way(self) -> ExistingCluster:
        if self.stack and self.context:
            raise ValueError("context is of a kubeconfig on this machine, and stack brings its own: leave one of them out")
        return self

    @property
    def runs_on(self) -> Distribution:
        return DISTRIBUTIONS[self.distribution]
