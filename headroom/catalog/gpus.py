"""What is known of kinds of GPU, by `nvidia.com/gpu.product` as GPU Feature Discovery labels a node.

Sources: awsdocs/amazon-eks-user-guide latest/ug/ml/device-management-nvidia-mig.adoc (MIG profiles and most instances of each);
NVIDIA/gpu-operator v26.7.0 assets/state-mig-manager/0400_configmap.yaml (the same per PCI id, and the names of the configurations);
developer.nvidia.com/cuda/gpus (compute capabilities); aws/karpenter-provider-aws website/content/en/preview/reference/instance-types.md
(memory, as EC2 reports it); NVIDIA/k8s-device-plugin docs/gpu-feature-discovery/README.md (a T4's 15360 MiB) and internal/lm/resource.go
(products: NVML's names, sanitised); kaito-project/kaito pkg/sku (memory of A10 and H100 NVL). T4G's product is inferred from its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Capability = tuple[int, int]
"""A compute capability: its major and its minor number."""


@dataclass(frozen=True)
class Gpu:
    """A kind of GPU."""

    memory_mib: int
    capability: Capability
    mig: Mapping[str, int] = field(default_factory=dict)
    """Instances of each MIG profile that one GPU holds when it is cut into nothing else; none where it cannot be cut."""


_A100_40 = {"1g.5gb": 7, "1g.10gb": 4, "2g.10gb": 3, "3g.20gb": 2, "4g.20gb": 1, "7g.40gb": 1}
_OF_80_GB = {"1g.10gb": 7, "1g.20gb": 4, "2g.20gb": 3, "3g.40gb": 2, "4g.40gb": 1, "7g.80gb": 1}
_A30 = {"1g.6gb": 4, "2g.12gb": 2, "4g.24gb": 1}
_H100_NVL = {"1g.12gb": 7, "1g.24gb": 4, "2g.24gb": 3, "3g.47gb": 2, "4g.47gb": 1, "7g.94gb": 1}
_H200 = {"1g.18gb": 7, "1g.35gb": 4, "2g.35gb": 3, "3g.71gb": 2, "4g.71gb": 1, "7g.141gb": 1}
_B200 = {"1g.23gb": 7, "1g.45gb": 4, "2g.45gb": 3, "3g.90gb": 2, "4g.90gb": 1, "7g.180gb": 1}
_B300 = {"1g.34gb": 7, "1g.67gb": 4, "2g.67gb": 3, "3g.135gb": 2, "4g.135gb": 1, "7g.269gb": 1}
_RTX_PRO_6000 = {"1g.24gb": 4, "2g.48gb": 2, "4g.96gb": 1}
_RTX_PRO_4500 = {"1g.16gb": 2, "2g.32gb": 1}

GPUS: Mapping[str, Gpu] = {
    "Tesla-V100-SXM2-32GB": Gpu(32768, (7, 0)),
    "Tesla-T4": Gpu(15360, (7, 5)),
    "NVIDIA-T4G": Gpu(15360, (7, 5)),
    "NVIDIA-A100-SXM4-40GB": Gpu(40960, (8, 0), _A100_40),
    "NVIDIA-A100-PCIE-40GB": Gpu(40960, (8, 0), _A100_40),
    "NVIDIA-A100-SXM4-80GB": Gpu(81920, (8, 0), _OF_80_GB),
    "NVIDIA-A100-80GB-PCIe": Gpu(81920, (8, 0), _OF_80_GB),
    "NVIDIA-A30": Gpu(24576, (8, 0), _A30),
    "NVIDIA-A10": Gpu(24576, (8, 6)),
    "NVIDIA-A10G": Gpu(22888, (8, 6)),
    "NVIDIA-L4": Gpu(22888, (8, 9)),
    "NVIDIA-L40S": Gpu(45776, (8, 9)),
    "NVIDIA-H100-80GB-HBM3": Gpu(81920, (9, 0), _OF_80_GB),
    "NVIDIA-H100-PCIe": Gpu(81920, (9, 0), _OF_80_GB),
    "NVIDIA-H100-NVL": Gpu(96256, (9, 0), _H100_NVL),
    "NVIDIA-H200": Gpu(144384, (9, 0), _H200),
    "NVIDIA-H200-NVL": Gpu(144384, (9, 0), _H200),
    "NVIDIA-B200": Gpu(183359, (10, 0), _B200),
    "NVIDIA-B300-SXM6-AC": Gpu(275040, (10, 3), _B300),
    "NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition": Gpu(98304, (12, 0), _RTX_PRO_6000),
    "NVIDIA-RTX-PRO-4500-Blackwell-Server-Edition": Gpu(32768, (12, 0), _RTX_PRO_4500),
}
"""By product."""
