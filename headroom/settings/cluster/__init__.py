"""The cluster of a stack, by who runs it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from headroom.settings.cluster.aks import AksCluster
from headroom.settings.cluster.eks import EksCluster
from headroom.settings.cluster.existing import ExistingCluster
from headroom.settings.cluster.gke import GkeCluster
from headroom.settings.cluster.kwok import KwokCluster

Cluster = Annotated[KwokCluster | ExistingCluster | EksCluster | GkeCluster | AksCluster, Field(discriminator="provider")]

CLUSTERS = {"kwok": KwokCluster, "existing": ExistingCluster, "eks": EksCluster, "gke": GkeCluster, "aks": AksCluster}
"""The settings of a cluster by its provider."""
CLOUDS = (EksCluster, GkeCluster, AksCluster)
"""Whose pools the program makes."""

__all__ = ["CLOUDS", "CLUSTERS", "AksCluster", "Cluster", "EksCluster", "ExistingCluster", "GkeCluster", "KwokCluster"]
