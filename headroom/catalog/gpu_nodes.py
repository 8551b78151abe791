"""How GPU nodes come on each kind of cluster: what they bring by themselves, so that nobody installs it a second time.

Sources: awsdocs/amazon-eks-user-guide latest/ug/ml/ml-eks-optimized-ami.adoc (AL2023, Bottlerocket), device-management-nvidia-mig.adoc
(Auto Mode, strategies on Bottlerocket) and automode/auto-accelerated.adoc; bottlerocket.dev settings.kubelet-device-plugins;
NVIDIA/cloud-native-docs gpu-operator/google-gke.rst and microsoft-aks.rst; docs.cloud.google.com/kubernetes-engine how-to/gpu-operator;
MicrosoftDocs/azure-aks-docs articles/aks/nvidia-gpu-operator.md and aks-managed-gpu-nodes.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Operand(StrEnum):
    """Parts of the GPU stack that a node may bring, as the chart of the GPU Operator spells them."""

    DRIVER = "driver"
    TOOLKIT = "toolkit"
    DEVICE_PLUGIN = "devicePlugin"
    MIG_MANAGER = "migManager"


class SharingMode(StrEnum):
    """How the GPUs of a pool are shared by several pods."""

    NONE = "none"
    MIG = "mig"
    """The GPU itself is cut into parts, each with memory and compute of its own."""
    TIME_SLICING = "time-slicing"
    """Pods take turns; nothing keeps one from taking another's memory."""
    MPS = "mps"
    """Pods compute at the same time, each with an equal share of memory and compute."""


class NodeKind(StrEnum):
    """What GPU nodes bring by themselves."""

    DRIVERLESS = "driverless"
    """Nothing."""
    PREINSTALLED = "preinstalled"
    """The driver, and mostly the container toolkit."""
    BOTTLEROCKET = "bottlerocket"
    """Those and a device plugin, all set by the node's own settings."""
    MANAGED = "managed"
    """All of it, run by the cloud."""


@dataclass(frozen=True)
class GpuNodes:
    """One way in which the GPU nodes of a kind of cluster come."""

    name: NodeKind
    title: str
    brings: frozenset[Operand] = frozenset()
    runtime_class: str | None = None
    """RuntimeClass of the node's NVIDIA runtime, where it is not the operator's own."""
    install_dir: str | None = None
    """Where the node holds driver and toolkit, where it is not at the operator's own place: its root file system cannot be written."""
    toolkit_environment: Mapping[str, str] = field(default_factory=dict)
    reboots: bool = True
    """Whether a change of MIG mode reboots the node: clouds offer no other way to reset a GPU."""
    shares: tuple[SharingMode, ...] = tuple(SharingMode)
    """Modes of sharing that its device plugin can be told."""
    mixes: bool = True
    """Whether its device plugin knows the MIG strategy `mixed`."""
    renames: bool = True
    """Whether its device plugin can call a share something else than a GPU."""
    instead: str | None = None
    """What to do instead of installing the operator, where it must not be."""


_ALL = frozenset(Operand)
_DRIVER_AND_TOOLKIT = frozenset({Operand.DRIVER, Operand.TOOLKIT})
_DRIVERLESS = "nodes without a driver: the operator brings everything"

_BARE = (
    GpuNodes(NodeKind.DRIVERLESS, _DRIVERLESS, reboots=False),
    GpuNodes(NodeKind.PREINSTALLED, "nodes whose image has driver and container toolkit", _DRIVER_AND_TOOLKIT, reboots=False),
)
# The file system of a GKE node is read-only elsewhere.
_GKE_DIRECTORY = "/home/kubernetes/bin/nvidia"
# For GKE 1.33 and later, says google-gke.rst.
_GKE_TOOLKIT = {"RUNTIME_CONFIG_SOURCE": "file"}

_KINDS: Mapping[str, tuple[GpuNodes, ...]] = {
    "kwok": _BARE,
    "eks": (
        GpuNodes(NodeKind.PREINSTALLED, "the EKS-optimized AL2023 NVIDIA AMI: driver and container toolkit", _DRIVER_AND_TOOLKIT),
        GpuNodes(NodeKind.BOTTLEROCKET, "Bottlerocket's NVIDIA variant: driver, toolkit, device plugin and MIG", _ALL, mixes=False),
        GpuNodes(NodeKind.DRIVERLESS, f"Ubuntu's EKS image, {_DRIVERLESS}"),
    ),
    "eks-auto": (
        GpuNodes(
            NodeKind.MANAGED,
            "Auto Mode's Bottlerocket: driver and device plugin, with nothing to set",
            _ALL,
            shares=(SharingMode.NONE,),
            mixes=False,
            instead="EKS Auto Mode runs driver and device plugin itself: set gpuOperator: existing",
        ),
    ),
    "gke": (
        GpuNodes(
            NodeKind.MANAGED,
            "GKE runs driver and device plugin",
            _ALL,
            mixes=False,
            renames=False,
            instead="GKE runs driver and device plugin itself, and a second device plugin would hand out the same GPUs: set gpuOperator: "
            "existing; or create the node pools with gpu-driver-version=disabled and the label "
            "gke-no-default-nvidia-gpu-device-plugin=true, and set nodes: preinstalled or driverless",
        ),
        GpuNodes(
            NodeKind.PREINSTALLED,
            "Container-Optimized OS or Ubuntu with the driver of Google's installer DaemonSet",
            frozenset({Operand.DRIVER}),
            install_dir=_GKE_DIRECTORY,
            toolkit_environment=_GKE_TOOLKIT,
        ),
        GpuNodes(NodeKind.DRIVERLESS, f"Ubuntu, {_DRIVERLESS}", toolkit_environment=_GKE_TOOLKIT),
    ),
    "aks": (
        GpuNodes(
            NodeKind.PREINSTALLED,
            "AKS installs driver and container toolkit",
            _DRIVER_AND_TOOLKIT,
            runtime_class="nvidia-container-runtime",
        ),
        GpuNodes(NodeKind.DRIVERLESS, f"node pools created with --gpu-driver none, {_DRIVERLESS}"),
        GpuNodes(
            NodeKind.MANAGED,
            "AKS-managed GPU node pools: driver, device plugin and DCGM",
            _ALL,
            shares=(SharingMode.NONE, SharingMode.MIG),
            instead="AKS runs driver, device plugin and DCGM of managed GPU node pools itself: set gpuOperator: existing",
        ),
    ),
    "other": _BARE,
}

GPU_NODES: Mapping[str, Mapping[NodeKind, GpuNodes]] = {
    distribution: {nodes.name: nodes for nodes in kinds} for distribution, kinds in _KINDS.items()
}
"""By kind of cluster and by name as a stack spells it, the usual one first."""


def gpu_nodes(distribution: str, name: NodeKind | None) -> GpuNodes:
    """The nodes of a kind of cluster; its usual ones where no name is given. Raises `KeyError` for nodes that it does not have."""
    kinds = GPU_NODES[distribution]
    return kinds[name] if name else next(iter(kinds.values()))
