"""Kinds of Kubernetes cluster: what each brings by itself, and what of it can be seen.

Sources: awsdocs/amazon-eks-user-guide, MicrosoftDocs/azure-aks-docs, docs.cloud.google.com/kubernetes-engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Distribution:
    """A kind of cluster."""

    name: str
    title: str
    ships: Mapping[str, str] = field(default_factory=dict)
    """Add-ons that it always has, as a stack spells them, and what says so: installing them a second time breaks both."""
    control_plane_scraped: bool = False
    """Whether scheduler, controller manager, etcd and kube-proxy answer a Prometheus in the cluster."""


KWOK = Distribution("kwok", "the sandbox", control_plane_scraped=False)
EKS = Distribution("eks", "Amazon EKS")
EKS_AUTO = Distribution(
    "eks-auto",
    "Amazon EKS Auto Mode",
    ships={"metricsServer": "Auto Mode runs metrics-server itself", "gpuOperator": "Auto Mode's nodes bring driver and device plugin"},
)
GKE = Distribution("gke", "Google GKE", ships={"metricsServer": "GKE runs metrics-server itself"})
AKS = Distribution("aks", "Azure AKS", ships={"metricsServer": "AKS runs metrics-server itself"})
OTHER = Distribution("other", "a cluster of another kind", control_plane_scraped=True)

DISTRIBUTIONS: dict[str, Distribution] = {found.name: found for found in (KWOK, EKS, EKS_AUTO, GKE, AKS, OTHER)}
"""By name, as a stack spells it."""
