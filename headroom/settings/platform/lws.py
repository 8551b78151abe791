"""Lws: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Name
from headroom.settings.platform.addon import AddOn


class Lws(AddOn):
    """The LeaderWorkerSet controller."""

    namespace: Name = Field(default="lws-system", description="namespace that it runs in")
    release: Name = Field(default="lws", description="name of its Helm release; its objects are named after it")
