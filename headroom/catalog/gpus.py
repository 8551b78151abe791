"""What is known of kinds of GPU, by `nvidia.com/gpu.product` as GPU Feature Discovery labels a node: into which parts MIG cuts each.

Sources: awsdocs/amazon-eks-user-guide latest/ug/ml/device-management-nvidia-mig.adoc (profiles and most instances of each);
NVIDIA/gpu-operator v26.7.0 assets/state-mig-manager/0400_configmap.yaml (the same per PCI id, and the names of the configurations).
"""

from __future__ import annotations

from collections.abc import Mapping

_A100_40 = {"1g.5gb": 7, "1g.10gb": 4, "2g.10gb": 3, "3g.20gb": 2, "4g.20gb": 1, "7g.40gb": 1}
_OF_80_GB = {"1g.10gb": 7, "1g.20gb": 4, "2g.20gb": 3, "3g.40gb": 2, "4g.40gb": 1, "7g.80gb": 1}
_H100_NVL = {"1g.12gb": 7, "1g.24gb": 4, "2g.24gb": 3, "3g.47gb": 2, "4g.47gb": 1, "7g.94gb": 1}
_H200 = {"1g.18gb": 7, "1g.35gb": 4, "2g.35gb": 3, "3g.71gb": 2, "4g.71gb": 1, "7g.141gb": 1}
_B200 = {"1g.23gb": 7, "1g.45gb": 4, "2g.45gb": 3, "3g.90gb": 2, "4g.90gb": 1, "7g.180gb": 1}
_RTX_PRO_6000 = {"1g.24gb": 4, "2g.48gb": 2, "4g.96gb": 1}

MIG_PROFILES: Mapping[str, Mapping[str, int]] = {
    "NVIDIA-A100-SXM4-40GB": _A100_40,
    "NVIDIA-A100-PCIE-40GB": _A100_40,
    "NVIDIA-A100-SXM4-80GB": _OF_80_GB,
    "NVIDIA-A100-80GB-PCIe": _OF_80_GB,
    "NVIDIA-H100-80GB-HBM3": _OF_80_GB,
    "NVIDIA-H100-PCIe": _OF_80_GB,
    "NVIDIA-H100-NVL": _H100_NVL,
    "NVIDIA-H200": _H200,
    "NVIDIA-H200-NVL": _H200,
    "NVIDIA-B200": _B200,
    "NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition": _RTX_PRO_6000,
}
"""Instances of each profile that one GPU holds when it is cut into nothing else; a GPU that is not here is not known to do MIG."""


def mig_profiles(product: str) -> Mapping[str, int]:
    """Profiles of a kind of GPU and how many instances of each one GPU holds; none where it cannot do MIG."""
    return MIG_PROFILES.get(product, {})
