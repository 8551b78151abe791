"""A pool: GPU nodes of one machine type."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

from pydantic import Field, field_validator, model_validator

from headroom.settings.base import Count, LabelKey, LabelValue, Memory, Settings
from headroom.settings.cluster.eks import EksPool
from headroom.settings.cluster.gke import GkePool
from headroom.settings.machine import MachineType
from headroom.settings.sharing import Sharing

_KUBERNETES_OWN = re.compile(r"(?!(kubelet|node)\.kubernetes\.io/)([-.a-z0-9]+\.)?(kubernetes|k8s)\.io/.*")
"""With any of these among its labels a kubelet does not start (kubernetes/kubernetes cmd/kubelet/app/options/options.go)."""


class Capacity(StrEnum):
    """How the cloud gives the nodes."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    """Cheaper, and taken back at any time."""
    RESERVED = "reserved"
    """Out of a reservation that is there already."""


class Disk(Settings):
    """The disk of each node, which holds images and what servers fetch without a cache."""

    size: Memory = Field(default="200Gi", description="its size")
    fast: bool = Field(default=False, description="whether it is one of the fast kind, for large images and models")


class Taint(Settings):
    """What keeps other pods off the nodes."""

    key: LabelKey = Field(description="its key")
    value: LabelValue = Field(default="", description="its value")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = Field(default="NoSchedule", description="its effect")


class Pool(Settings):
    """GPU nodes of one machine type. On an existing cluster they are there already, with the label `headroom.dev/pool: NAME`."""

    machine: MachineType = Field(
        description="machine type as its cloud names it, one of those below; or a description of one, for another type or your own rates"
    )
    min: Count = Field(default=0, ge=0, description="nodes that are always there")
    max: Count = Field(ge=1, le=1000, description="nodes that there may be")
    warm: Count = Field(
        default=0, ge=0, le=1000, description="further replicas, each as large as the pool's largest, that room is kept ready for"
    )
    sharing: Sharing = Field(default_factory=Sharing, description="how several pods share a GPU; not at all when left out")
    capacity: Capacity = Field(default=Capacity.ON_DEMAND, description="how the cloud gives the nodes")
    reservation: str | None = Field(
        default=None, min_length=1, description="of capacity reserved: the reservation, as its cloud names or identifies it"
    )
    fallback: bool = Field(
        default=False,
        description="of capacity spot: a second pool of on-demand nodes, as large, that the autoscaler takes where there are no spot ones",
    )
    zones: tuple[str, ...] = Field(
        default=(), description="zones of the cluster's region that nodes may be in; those of the cluster when left out"
    )
    disk: Disk = Field(default_factory=Disk, description="the disk of each node")
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict, description="further labels of the nodes")
    taints: tuple[Taint, ...] = Field(
        default=(),
        description="further taints of the nodes, beside that of GPU nodes; the pool's servers and the GPU Operator tolerate all",
    )
    surge: Count | None = Field(
        default=None,
        ge=0,
        le=100,
        description="further nodes while nodes are upgraded; 0: a node goes before its successor comes. 1 when left out, and 0 where the "
        "capacity is reserved",
    )
    image_streaming: bool = Field(
        default=False, description="whether containers start while their image is still being fetched, where the cloud can do that"
    )
    interconnect: bool = Field(
        default=False,
        description="whether the cloud's fast network joins the nodes, for replicas on several of them: EFA on EKS, GPUDirect on GKE, "
        "InfiniBand on AKS",
    )
    eks: EksPool | None = Field(default=None, description="what a pool has on EKS alone")
    gke: GkePool | None = Field(default=None, description="what a pool has on GKE alone")

    @property
    def surges(self) -> int:
        """Further nodes while nodes are upgraded."""
        return self.surge if self.surge is not None else int(self.capacity is not Capacity.RESERVED)

    @field_validator("labels")
    @classmethod
    def _lets_nodes_start(cls, labels: dict[str, str]) -> dict[str, str]:
        own = [key for key in labels if _KUBERNETES_OWN.fullmatch(key)]
        if own:
            raise ValueError(f"{', '.join(own)}: names of Kubernetes' own, with which no node starts; choose others")
        return labels

    @model_validator(mode="after")
    def _fits_its_capacity(self) -> Pool:
        if self.reservation is None and self.capacity is Capacity.RESERVED:
            raise ValueError("capacity reserved needs reservation, which says where the nodes come from")
        if self.reservation is not None and self.capacity is not Capacity.RESERVED:
            raise ValueError("reservation is of capacity reserved: set it, or leave reservation out")
        if self.fallback and self.capacity is not Capacity.SPOT:
            raise ValueError("fallback is of capacity spot: set it, or leave fallback out")
        return self
