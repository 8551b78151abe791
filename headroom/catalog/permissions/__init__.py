"""What whoever runs the program must be allowed to do in each cloud: a YAML file per cloud, by resource and look-up of the components.

What a call needs is taken from the sources that each file names. `beyond` is what no call shows, such as handing a role on: it is
documented, and nothing in this repository can prove it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from headroom import yaml_text

CLOUDS = ("aws", "gcp", "azure")
When = Literal["pools", "interconnect", "create", "karpenter"]
"""pools: for GPU pools, on any cluster; interconnect: for pools with `interconnect`; create: for a cluster that the program makes;
karpenter: for Karpenter in such a cluster."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Use(_Record):
    """What one kind of resource, or one look-up, needs."""

    when: When
    actions: tuple[str, ...] = Field(min_length=1)


class Beyond(_Record):
    """A permission that follows from no call."""

    action: str
    when: When
    why: str
    source: str


class Permissions(_Record):
    """Of one cloud."""

    title: str
    sources: tuple[str, ...]
    resources: dict[str, Use]
    """By class or function as the components call it, without the SDK's name: `eks.NodeGroup`."""
    beyond: tuple[Beyond, ...] = ()

    def actions(self, *when: str) -> list[str]:
        """Everything that is needed for all of `when`, in alphabetical order."""
        called = {action for use in self.resources.values() if use.when in when for action in use.actions}
        return sorted(called | {beyond.action for beyond in self.beyond if beyond.when in when})


@cache
def permissions(cloud: str) -> Permissions:
    """Of a cloud by its name. Raises pydantic's `ValidationError` for a file that does not keep to the form."""
    return Permissions.model_validate(yaml_text.load((files("headroom.catalog.permissions") / f"{cloud}.yaml").read_text()))
