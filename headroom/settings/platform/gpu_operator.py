"""GpuOperator: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Name
from headroom.settings.platform.addon import AddOn


class GpuOperator(AddOn):
    """NVIDIA's GPU Operator: driver, container toolkit, device plugin, labels and metrics of the GPUs."""

    namespace: Name = Field(default="gpu-operator", description="namespace that it runs in")
    release: Name = Field(default="gpu-operator", description="name of its Helm release; its objects are named after it")
