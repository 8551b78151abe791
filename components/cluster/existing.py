"""Any cluster that a kubeconfig leads to: nothing of it is made or destroyed here."""

import os
from pathlib import Path

import pulumi

from components.cluster import kubeconfig
from headroom.desired import Desired
from headroom.settings.cluster import ExistingCluster


class Existing:
    """A cluster with nodes of its own."""

    def __init__(self, settings: ExistingCluster):
        path = Path(os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")
        text = kubeconfig.read(path, "set KUBECONFIG to the file of the cluster that this stack is for")
        self.provider = kubeconfig.provider(settings.name, text, context=settings.context)

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        return []


def connect(settings: ExistingCluster) -> Existing:
    return Existing(settings)
