"""GKE: the GPU pools of a cluster that is there, or the cluster too."""

from collections.abc import Mapping
from types import MappingProxyType

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes

from components.cluster.gke.kubeconfig import Found, kubeconfig
from components.cluster.gke.made import MadeCluster
from components.cluster.gke.node_pool import node_pool
from headroom.desired import Desired
from headroom.desired.pools.gke import GkeNodePool
from headroom.settings import Stack
from headroom.settings.cluster import GkeCluster


class Gke:
    """A cluster on GKE, whose API server is reached with the identity of whoever runs the program."""

    known: Mapping[str, pulumi.Output[str]] = MappingProxyType({})

    def __init__(self, stack: Stack, settings: GkeCluster, *, opts: pulumi.ResourceOptions):
        self._settings = settings
        self._made = MadeCluster(settings.name, settings, settings.create, opts=opts) if settings.create else None
        self.made = self._made.cluster if self._made else None
        found = self._made.cluster if self._made else _found(settings)
        self.kubeconfig = pulumi.Output.secret(kubeconfig(settings, found))
        self.provider = pulumi_kubernetes.Provider(
            settings.name,
            kubeconfig=self.kubeconfig,
            cluster_identifier=settings.full_name,
            # Without its nodes nothing of the platform could start; what is inside leaves before them.
            opts=pulumi.ResourceOptions(parent=opts.parent, depends_on=self._made.ready if self._made else None),
        )

        self._admitted = [
            self._admit(server.namespace or stack.namespace, name, server.identity, opts)
            for name, server in stack.servers.items()
            if server.identity
        ]

    def _admit(self, namespace: str, server: str, account: str, opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """Lets the pods of a server be a service account."""
        return gcp.serviceaccount.IAMMember(
            f"{self._settings.name}-{server}",
            service_account_id=f"projects/-/serviceAccounts/{account}",
            role="roles/iam.workloadIdentityUser",
            member=f"serviceAccount:{self._settings.project}.svc.id.goog[{namespace}/{server}]",
            # The identity pool of a project comes with its first cluster.
            opts=pulumi.ResourceOptions(parent=opts.parent, depends_on=[self.made] if self.made else None),
        )

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        groups = [group for group in desired.node_groups if isinstance(group, GkeNodePool)]
        return [*self._admitted, *(node_pool(group, self._settings, self._made, parent=opts.parent) for group in groups)]


def connect(stack: Stack, *, opts: pulumi.ResourceOptions) -> Gke:
    assert isinstance(stack.cluster, GkeCluster)
    return Gke(stack, stack.cluster, opts=opts)


def _found(settings: GkeCluster) -> Found:
    return gcp.container.get_cluster_output(name=settings.name, location=settings.location, project=settings.project)
