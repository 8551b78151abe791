"""Storage classes that clusters come with: which can be read by several nodes, and which by one alone.

Sources: learn.microsoft.com/azure/aks/concepts-storage and azure-files-csi; docs.cloud.google.com/kubernetes-engine
how-to/persistent-volumes/{gce-pd-csi-driver,filestore-csi-driver} and googlecloudplatform/gke-mcp gke-storage;
kubernetes-sigs/aws-ebs-csi-driver charts/aws-ebs-csi-driver/values.yaml (defaultStorageClass) and its examples (gp2, gp3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class StorageClasses:
    """Of one kind of cluster."""

    one_node: frozenset[str]
    """Disks: a volume is attached to one node."""
    instead: str
    """What several nodes can mount there."""


_EBS = StorageClasses(
    frozenset({"gp2", "gp3", "ebs-csi-default-sc", "auto-ebs-sc"}), "a class of the drivers of EFS or FSx for Lustre, which you install"
)

STORAGE_CLASSES: Mapping[str, StorageClasses] = {
    "eks": _EBS,
    "eks-auto": _EBS,
    "gke": StorageClasses(
        frozenset({"standard", "standard-rwo", "premium-rwo"}), "a class of GKE's Filestore driver, such as standard-rwx or premium-rwx"
    ),
    "aks": StorageClasses(
        frozenset({"default", "managed", "managed-premium", "managed-csi", "managed-csi-premium"}), "azurefile-csi or azurefile-csi-premium"
    ),
}
"""By kind of cluster, as far as they come with it."""
