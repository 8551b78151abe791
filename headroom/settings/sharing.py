"""How the GPUs of a pool are shared by several pods."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from headroom.catalog.gpu_nodes import SharingMode
from headroom.settings.base import Count, Settings

_COUNTED = (SharingMode.TIME_SLICING, SharingMode.MPS)


class Sharing(Settings):
    """How several pods share a GPU. Not shared at all when left out; `sharing: none` says the same."""

    mode: SharingMode = Field(
        default=SharingMode.NONE,
        description="mig: the GPU is cut into parts of its own memory; time-slicing: pods take turns, and nothing guards their memory; "
        "mps: pods compute at once, each with an equal share of memory",
    )
    profile: str | None = Field(default=None, description="of mode mig: what each GPU is cut into, such as 1g.10gb")
    # As many as GKE takes (its ComputeClass, maxSharedClientsPerGPU).
    replicas: Count | None = Field(default=None, ge=2, le=48, description="of modes time-slicing and mps: pods that share a GPU")
    renamed: bool = Field(
        default=False,
        description="of modes time-slicing and mps: whether a share is called nvidia.com/gpu.shared, so that a pod that asks for a whole "
        "GPU never gets one; autoscalers that count GPUs by machine type then know nothing of it",
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"mode": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fits_its_mode(self) -> Sharing:
        counted = self.mode in _COUNTED
        if self.mode is SharingMode.MPS and self.profile:
            raise ValueError(
                "MPS does not share parts of a GPU (MIG), only whole ones: leave profile out, or set mode: mig without replicas"
            )
        if self.profile and self.mode is not SharingMode.MIG:
            raise ValueError("profile is what mode mig cuts a GPU into: set mode: mig, or leave profile out")
        if (self.replicas or self.renamed) and not counted:
            raise ValueError("replicas and renamed are of modes time-slicing and mps: leave them out; with mig the profile says how many")
        if counted and not self.replicas:
            raise ValueError(f"mode {self.mode} needs replicas, the number of pods that share a GPU, such as 4")
        return self

    @property
    def configuration(self) -> str:
        """The name of its device plugin configuration, which is a label's value on its nodes: `time-slicing-4`, `mps-10-renamed`."""
        return "-".join([self.mode, str(self.replicas), *(["renamed"] if self.renamed else [])])
