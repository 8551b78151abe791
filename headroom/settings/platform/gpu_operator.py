"""GpuOperator: settings of the add-on."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from headroom.catalog.gpu_nodes import NodeKind
from headroom.settings.base import Name
from headroom.settings.platform.addon import AddOn


class MigStrategy(StrEnum):
    """What a pod asks for where GPUs are cut into parts (MIG)."""

    SINGLE = "single"
    """`nvidia.com/gpu`, as everywhere: all parts of a node are alike."""
    MIXED = "mixed"
    """A resource of its own for each profile, such as `nvidia.com/mig-1g.10gb`."""


class GpuOperator(AddOn):
    """NVIDIA's GPU Operator: driver, container toolkit, device plugin, labels and metrics of the GPUs.

    `existing` also says that the cloud does all of this: GKE's own GPU stack, EKS Auto Mode, the device plugin of Bottlerocket.
    """

    namespace: Name = Field(default="gpu-operator", description="namespace that it runs in")
    release: Name = Field(default="gpu-operator", description="name of its Helm release; its objects are named after it")
    nodes: NodeKind | None = Field(
        default=None,
        description="what the GPU nodes bring by themselves: nothing, driver and toolkit, those and the device plugin (Bottlerocket), "
        "or all of it under the cloud's hand; what is usual on the cluster's distribution when left out",
    )
    mig_strategy: MigStrategy = Field(
        default=MigStrategy.SINGLE,
        description="what a pod asks for where GPUs are cut into parts: single: nvidia.com/gpu; mixed: a resource of the profile, such as "
        "nvidia.com/mig-1g.10gb",
    )
