"""The sandbox as a cluster provider: its nodes are made here, by the same contract as a cloud's pools."""

from pathlib import Path

import pulumi

from components.cluster import kubeconfig
from components.cluster.kwok.pool import KwokPool
from headroom.desired import Desired
from headroom.doctor.access import access
from headroom.paths import Clone
from headroom.settings.cluster import KwokCluster


class Kwok:
    """The clone's own sandbox."""

    def __init__(self, settings: KwokCluster):
        self.provider = kubeconfig.provider(settings.name, access(settings, Clone.find(Path(__file__).parent)))

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        return [KwokPool(name, nodes, opts=opts) for name, nodes in desired.pools.items()]


def connect(settings: KwokCluster) -> Kwok:
    return Kwok(settings)
