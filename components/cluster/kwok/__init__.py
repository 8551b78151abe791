"""The sandbox as a cluster provider: its nodes are made here, by the same contract as a cloud's pools."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pulumi

from components.cluster import kubeconfig
from components.cluster.kwok.pool import KwokPool
from headroom.desired import Desired
from headroom.doctor.access import access
from headroom.paths import Clone
from headroom.settings import Stack
from headroom.settings.cluster import Cluster


class Kwok:
    """The clone's own sandbox."""

    made = None
    kubeconfig = None
    known: Mapping[str, pulumi.Output[str]] = MappingProxyType({})

    def __init__(self, settings: Cluster):
        self.provider = kubeconfig.provider(settings.name, access(settings, Clone.find(Path(__file__).parent)))

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        return [KwokPool(name, nodes, opts=opts) for name, nodes in desired.pools.items()]


def connect(stack: Stack, *, opts: pulumi.ResourceOptions) -> Kwok:
    return Kwok(stack.cluster)
