"""The sandbox as a cluster provider: its nodes are made here, by the same contract as a cloud's pools."""

import os
from pathlib import Path

import pulumi

from components.cluster import kubeconfig
from components.cluster.kwok.pool import KwokPool
from headroom.desired import Desired
from headroom.paths import Clone
from headroom.settings.cluster import KwokCluster


class Kwok:
    """The clone's own sandbox."""

    def __init__(self, settings: KwokCluster):
        # Never the ambient kubeconfig: fake nodes must not end up in a cluster that happens to be selected.
        path = Path(os.environ.get("HEADROOM_KUBECONFIG") or Clone.find(Path(__file__).parent).kubeconfig)
        self.provider = kubeconfig.provider(
            settings.name, kubeconfig.read(path, "start the sandbox with `headroom sandbox up`, or run `make up`")
        )

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        return [KwokPool(name, nodes, opts=opts) for name, nodes in desired.pools.items()]


def connect(settings: KwokCluster) -> Kwok:
    return Kwok(settings)
