"""Efa: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Name
from headroom.settings.platform.addon import AddOn


class Efa(AddOn):
    """The device plugin of Elastic Fabric Adapters, by which pods of EKS ask for them."""

    namespace: Name = Field(default="kube-system", description="namespace that it runs in")
    release: Name = Field(default="aws-efa-k8s-device-plugin", description="name of its Helm release; its objects are named after it")
