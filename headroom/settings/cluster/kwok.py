"""The sandbox as a cluster."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headroom.catalog.distributions import KWOK, Distribution
from headroom.settings.base import Name, Settings


class KwokCluster(Settings):
    """The sandbox: a real control plane whose GPU nodes are played by KWOK."""

    provider: Literal["kwok"]
    name: Name = Field(default="local", description="name of the cluster, and what its kubernetes Provider is identified by")

    @property
    def runs_on(self) -> Distribution:
        return KWOK
