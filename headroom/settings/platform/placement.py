"""Where the platform's own pods run, and what they may push aside."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from headroom.catalog.names import GPU_TAINT
from headroom.settings.base import LabelKey, LabelValue, ObjectName, Settings


class Toleration(Settings):
    """A taint that the platform's pods may run beside."""

    key: LabelKey = Field(description="the taint's key, such as CriticalAddonsOnly")
    value: LabelValue | None = Field(default=None, description="the taint's value; any when left out")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="the taint's effect; any when left out"
    )


class Placement(Settings):
    """The nodes of the add-ons that this program installs; agents that belong on every node are on every node.

    GPU nodes are tainted, and nothing of the platform tolerates that: without a setting it runs wherever there is no GPU.
    """

    node_selector: dict[LabelKey, LabelValue] = Field(
        default_factory=dict, description="labels of the nodes that it runs on, such as those of the CPU pool; any untainted when left out"
    )
    tolerations: tuple[Toleration, ...] = Field(default=(), description="taints of those nodes")
    priority_class: ObjectName | None = Field(
        default=None, description="an existing priority class; the program makes one, above all pods that name none, when left out"
    )

    @model_validator(mode="after")
    def _keeps_off_gpus(self) -> Placement:
        if any(toleration.key == GPU_TAINT["key"] for toleration in self.tolerations):
            raise ValueError(
                f"tolerations: {GPU_TAINT['key']} is the taint of GPU nodes: on them the platform would keep expensive nodes from being "
                "taken away; leave it out"
            )
        return self
