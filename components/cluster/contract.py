"""What a stack needs of a cluster, whoever runs it."""

from importlib import import_module
from typing import Protocol

import pulumi
import pulumi_kubernetes

from headroom.desired import Desired
from headroom.settings.cluster import Cluster as ClusterSettings


class Cluster(Protocol):
    """A cluster that objects can be put into."""

    provider: pulumi_kubernetes.Provider
    """Carries a cluster identifier, so that a new address or certificate of the same cluster replaces nothing in it."""

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        """Creates the pools; servers depend on what it returns."""
        ...


def connect(settings: ClusterSettings) -> Cluster:
    """The cluster of a stack. Only its own provider's module is imported, and with it that cloud's SDK."""
    return import_module(f"components.cluster.{settings.provider}").connect(settings)
