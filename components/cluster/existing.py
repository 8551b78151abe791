"""Any cluster that a kubeconfig leads to, a file's or another stack's: nothing of it is made or destroyed here."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pulumi
import pulumi_kubernetes

from components.cluster import kubeconfig
from components.cluster.contract import KUBECONFIG
from headroom.desired import Desired
from headroom.doctor.access import access
from headroom.paths import Clone
from headroom.settings import Stack
from headroom.settings.cluster import Cluster, ExistingCluster


class Existing:
    """A cluster with nodes of its own."""

    made = None
    kubeconfig = None
    known: Mapping[str, pulumi.Output[str]] = MappingProxyType({})

    def __init__(self, settings: Cluster, *, opts: pulumi.ResourceOptions):
        if isinstance(settings, ExistingCluster) and settings.stack:
            maker = pulumi.StackReference(settings.stack, opts=pulumi.ResourceOptions(parent=opts.parent))
            text = pulumi.Output.secret(maker.get_output(KUBECONFIG).apply(lambda found: said_by(settings.stack, found)))
            self.provider = pulumi_kubernetes.Provider(settings.name, kubeconfig=text, cluster_identifier=settings.name)
        else:
            self.provider = kubeconfig.provider(settings.name, access(settings, Clone.find(Path(__file__).parent)))

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        return []


def connect(stack: Stack, *, opts: pulumi.ResourceOptions) -> Existing:
    return Existing(stack.cluster, opts=opts)


def said_by(stack: str | None, kubeconfig: str | None) -> str:
    """What a stack says of its cluster. Raises `pulumi.RunError` where it says nothing."""
    if not kubeconfig:
        raise pulumi.RunError(
            f"the stack {stack} has no output {KUBECONFIG}: bring it up first; a stack has it whose cluster.provider is eks, gke or aks"
        )
    return kubeconfig
