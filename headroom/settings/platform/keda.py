"""KEDA: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Name
from headroom.settings.platform.addon import AddOn


class Keda(AddOn):
    """KEDA's operator and its metrics server."""

    namespace: Name = Field(default="keda", description="namespace that KEDA runs in")
    release: Name = Field(default="keda", description="name of its Helm release; its objects are named after it")
