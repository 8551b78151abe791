"""What kind of cluster this is, as its nodes say it.

Sources: awsdocs/amazon-eks-user-guide automode/auto-accelerated; MicrosoftDocs/azure-aks-docs use-labels.md; KGCP docs/gpu-nodes.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from headroom.catalog.distributions import AKS, EKS, EKS_AUTO, GKE, KWOK, OTHER
from headroom.desired.objects import Object
from headroom.doctor.objects import labels, metadata

AUTO_MODE = ("eks.amazonaws.com/compute-type", "auto")
_FAKE = ("kwok.x-k8s.io/node", "fake")
_LABELS = {
    "eks.amazonaws.com/nodegroup": EKS,
    "cloud.google.com/gke-nodepool": GKE,
    "kubernetes.azure.com/cluster": AKS,
}
_VERSIONS = {"-eks-": EKS, "-gke.": GKE}
"""What a kubelet's version holds besides Kubernetes' own."""


def kind_of_cluster(nodes: Sequence[Object]) -> tuple[str, str]:
    """The distribution by its name, and what tells it."""
    if not nodes:
        return OTHER.name, "there is no node that would tell"
    if any((metadata(node).get("annotations") or {}).get(_FAKE[0]) == _FAKE[1] for node in nodes):
        return KWOK.name, f"nodes carry the annotation {_FAKE[0]}"
    if any(is_auto_mode(node) for node in nodes):
        return EKS_AUTO.name, f"nodes carry the label {AUTO_MODE[0]}: {AUTO_MODE[1]}"
    for node in nodes:
        for label, distribution in _LABELS.items():
            if label in labels(node):
                return distribution.name, f"nodes carry the label {label}"
        for part, distribution in _VERSIONS.items():
            version = ((node.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion", "")
            if part in version:
                return distribution.name, f"a kubelet has the version {version}"
    return OTHER.name, "no label of a cloud on its nodes"


def is_auto_mode(node: Object) -> bool:
    return labels(node).get(AUTO_MODE[0]) == AUTO_MODE[1]
