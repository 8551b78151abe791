"""Any cluster that a kubeconfig leads to: nothing of it is made or destroyed here."""

from pathlib import Path

import pulumi

from components.cluster import kubeconfig
from headroom.desired import Desired
from headroom.doctor.access import access
from headroom.paths import Clone
from headroom.settings.cluster import ExistingCluster


class Existing:
    """A cluster with nodes of its own."""

    def __init__(self, settings: ExistingCluster):
        self.provider = kubeconfig.provider(settings.name, access(settings, Clone.find(Path(__file__).parent)))

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        return []


def connect(settings: ExistingCluster) -> Existing:
    return Existing(settings)
