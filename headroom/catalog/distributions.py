"""Kinds of Kubernetes cluster: what each brings by itself, and what of it can be seen.

Sources: awsdocs/amazon-eks-user-guide, MicrosoftDocs/azure-aks-docs, docs.cloud.google.com/kubernetes-engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from headroom.catalog.names import GPU_TAINT


@dataclass(frozen=True)
class Distribution:
    """A kind of cluster."""

    name: str
    title: str
    ships: Mapping[str, str] = field(default_factory=dict)
    """Add-ons that it always has, as a stack spells them, and what says so: installing them a second time breaks both.

    What its GPU nodes bring is in `gpu_nodes`: it depends on the kind of node."""
    control_plane_scraped: bool = False
    """Whether scheduler, controller manager, etcd and kube-proxy answer a Prometheus in the cluster."""
    dns: Literal["coredns", "kube-dns"] | None = "coredns"
    """What resolves names in pods that a Prometheus can scrape; None where it runs out of sight."""
    scales_nodes: str = ""
    """What says that it brings and takes away nodes itself: a second autoscaler would undo the first one's work."""
    cloud: str | None = None
    """Whose machines its nodes are, as the catalogue of machines calls it; None where they may be anybody's."""
    gpu_taints: tuple[Mapping[str, str], ...] = (GPU_TAINT,)
    """Taints that its GPU nodes may carry; what belongs on them tolerates all."""


AKS_SPOT_TAINT = {"key": "kubernetes.azure.com/scalesetpriority", "value": "spot", "effect": "NoSchedule"}
"""What AKS puts on spot nodes, with a label of the same key and value (MicrosoftDocs/azure-aks-docs articles/aks/spot-node-pool.md)."""

KWOK = Distribution("kwok", "the sandbox", control_plane_scraped=False, dns=None)
EKS = Distribution("eks", "Amazon EKS", cloud="aws")
EKS_AUTO = Distribution(
    "eks-auto",
    "Amazon EKS Auto Mode",
    cloud="aws",
    ships={"metricsServer": "Auto Mode runs metrics-server itself"},
    scales_nodes="Auto Mode makes nodes itself",
    # There is neither the Deployment nor the Service (aws/containers-roadmap#2546).
    dns=None,
)
GKE = Distribution(
    "gke",
    "Google GKE",
    cloud="gcp",
    ships={"metricsServer": "GKE runs metrics-server itself"},
    scales_nodes="GKE scales its node pools itself",
    # Of Standard clusters up to 1.35; later ones run kube-dns on CoreDNS (docs.cloud.google.com/kubernetes-engine/docs/concepts/kube-dns).
    dns="kube-dns",
)
AKS = Distribution(
    "aks",
    "Azure AKS",
    cloud="azure",
    ships={"metricsServer": "AKS runs metrics-server itself"},
    scales_nodes="AKS scales its node pools itself",
    # What Microsoft's pages put on GPU node pools (MicrosoftDocs/azure-aks-docs articles/aks/use-nvidia-gpu.md); AKS itself sets none.
    gpu_taints=(GPU_TAINT, {"key": "sku", "value": "gpu", "effect": "NoSchedule"}, AKS_SPOT_TAINT),
)
OTHER = Distribution("other", "a cluster of another kind", control_plane_scraped=True)

DISTRIBUTIONS: dict[str, Distribution] = {found.name: found for found in (KWOK, EKS, EKS_AUTO, GKE, AKS, OTHER)}
"""By name, as a stack spells it."""
