"""What Google calls the GPUs of its machines, and which disks those machines start from.

Sources: docs.cloud.google.com/compute/docs/gpus (names of accelerators by machine type); docs.cloud.google.com/vertex-ai
docs/reference/rest/v1/DiskSpec (an A3 Ultra starts from hyperdisk-balanced, where others default to Persistent Disk). That A4 and G4 do as
A3 Ultra does is inferred: they are of the same generation.
"""

from __future__ import annotations

from collections.abc import Mapping

ACCELERATORS: Mapping[str, str] = {
    "Tesla-V100-SXM2-16GB": "nvidia-tesla-v100",
    "Tesla-T4": "nvidia-tesla-t4",
    "NVIDIA-L4": "nvidia-l4",
    "NVIDIA-A100-SXM4-40GB": "nvidia-tesla-a100",
    "NVIDIA-A100-SXM4-80GB": "nvidia-a100-80gb",
    "NVIDIA-H100-80GB-HBM3": "nvidia-h100-80gb",
    "NVIDIA-H200": "nvidia-h200-141gb",
    "NVIDIA-B200": "nvidia-b200",
    "NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition": "nvidia-rtx-pro-6000",
}
"""Accelerator types by `nvidia.com/gpu.product`."""

INTERCONNECTED = ("a3-highgpu-8g", "a3-megagpu-8g", "a3-ultragpu-8g", "a4-highgpu-8g")
"""Machines whose GPUs have network cards of their own, and for which GKE makes the networks (AI-Hypercomputer/xpk
src/xpk/core/system_characteristics.py, `supports_accelerator_network_profile`)."""

_MEGA = "a3-megagpu-"
_HYPERDISK_ONLY = ("a3-ultragpu-", "a4-", "g4-")


def accelerator(machine: str, product: str) -> str:
    """The accelerator type of a machine's GPUs. Raises `KeyError` for a GPU that Google does not have."""
    return "nvidia-h100-mega-80gb" if machine.startswith(_MEGA) else ACCELERATORS[product]


def disk_type(machine: str, *, fast: bool) -> str:
    """The type of the disk that a machine starts from, of the fast kind where there are two."""
    if machine.startswith(_HYPERDISK_ONLY):
        return "hyperdisk-balanced"
    return "pd-ssd" if fast else "pd-balanced"
