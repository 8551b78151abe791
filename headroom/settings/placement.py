"""How much of the cluster a replica takes, and where it keeps what it fetched."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, model_validator

from headroom.settings.base import Count, Cpu, Gang, LabelKey, Memory, Name, Settings


class Resources(Settings):
    """CPU and memory of a replica; its GPUs are `gpus`."""

    cpu: Cpu = Field(default="2", description="CPU requested")
    memory: Memory = Field(default="8Gi", description="memory requested and its limit")


class Parallelism(Settings):
    """How a model that one GPU cannot hold is spread over several. A replica has tensor × pipeline GPUs, on `nodes` nodes."""

    tensor: Count = Field(default=1, ge=1, le=64, description="GPUs that share every layer")
    pipeline: Count = Field(default=1, ge=1, le=64, description="groups of layers, one after the other")
    nodes: Count = Field(default=1, ge=1, le=16, description="nodes that a replica spans")
    topology: LabelKey | None = Field(
        default=None, description="node label, such as that of a rack, whose value the nodes of a replica share and no two replicas have"
    )
    gang: Gang | None = Field(
        default=None,
        description="scheduler of the cluster that places all pods of a replica or none of them; the stack that installs the controller "
        "names it as `platform.lws.gang`",
    )

    @property
    def gpus(self) -> int:
        """Of a whole replica."""
        return self.tensor * self.pipeline

    @model_validator(mode="after")
    def _the_same_on_every_node(self) -> Parallelism:
        if self.gpus % self.nodes:
            raise ValueError(f"tensor × pipeline is {self.gpus}, which {self.nodes} nodes cannot share evenly")
        if self.topology and self.nodes == 1:
            raise ValueError("topology says where the nodes of a replica are, and there is one: leave it out, or set nodes")
        if self.gang and self.nodes == 1:
            raise ValueError("gang says who places the pods of a replica together, and there is one: leave it out, or set nodes")
        if self.gang and self.topology:
            # The controller makes the other pods once the first has a node, and the scheduler gives the first one once it sees them all.
            raise ValueError("gang and topology wait for each other for ever: leave one of them out")
        return self


class Cache(Settings):
    """Where weights are kept between replicas: exactly one of the ways. Without it every replica fetches its own."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    claim: Name | None = Field(default=None, description="a PersistentVolumeClaim of the server's namespace, ReadWriteMany")
    storage_class: str | None = Field(default=None, min_length=1, description="a claim is made for the server in this class, ReadWriteMany")
    size: Memory = Field(default="100Gi", description="size of the claim that is made")
    deletion_protection: bool = Field(
        default=True,
        description="whether Pulumi refuses to delete the claim that is made; `pulumi destroy` then needs it set to false first",
    )
    host_path: str | None = Field(
        default=None, pattern="^/.+", description="a directory of each node: filled once per node; needs a namespace that allows it"
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"claim": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> Cache:
        if sum(way is not None for way in (self.claim, self.storage_class, self.host_path)) != 1:
            raise ValueError("give exactly one of claim, storageClass, hostPath")
        return self
