"""Lws: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Gang, Name
from headroom.settings.platform.addon import AddOn


class Lws(AddOn):
    """The LeaderWorkerSet controller."""

    namespace: Name = Field(default="lws-system", description="namespace that it runs in")
    release: Name = Field(default="lws", description="name of its Helm release; its objects are named after it")
    gang: Gang | None = Field(
        default=None,
        description="scheduler of the cluster for which it makes a PodGroup of every replica: all of its pods are placed, or none",
    )
