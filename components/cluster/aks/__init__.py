"""Azure AKS: agent pools, and the cluster itself where the stack says `create`."""

import base64
from collections.abc import Callable, Mapping

import pulumi
import pulumi_azure_native as azure
import pulumi_kubernetes
from pulumi_azure_native import containerservice

from components.cluster.aks.cluster import AksControlPlane
from components.cluster.aks.identities import ServerIdentities
from headroom.desired import Desired
from headroom.desired.clusters import aks
from headroom.desired.pools.aks import AgentPool
from headroom.settings import Stack
from headroom.settings.cluster import AksCluster
from headroom.settings.managed_identity import managed_identity


class Aks:
    """A cluster of AKS with agent pools that the program makes."""

    def __init__(self, stack: Stack, settings: AksCluster, *, opts: pulumi.ResourceOptions):
        own = azure.Provider(settings.name, subscription_id=settings.subscription, opts=opts) if settings.subscription else None
        self._opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[own] if own else None))
        self._group: pulumi.Input[str] = settings.resource_group
        self._name: pulumi.Input[str] = settings.name
        invoked = pulumi.InvokeOutputOptions(provider=own)
        self.made: containerservice.ManagedCluster | None = None
        if settings.create:
            control_plane = AksControlPlane(settings.name, stack, settings, settings.create, opts=self._opts)
            self.made, self._subnet = control_plane.cluster, control_plane.nodes_subnet
            self._name = self.made.name
            profile = self.made.oidc_issuer_profile
            invoked = pulumi.InvokeOutputOptions(provider=own, depends_on=[self.made])
        else:
            found = containerservice.get_managed_cluster_output(self._group, self._name, opts=invoked)
            profile = found.oidc_issuer_profile
            # Pools of a cluster share its network, which AKS assumes to be its own unless told otherwise.
            self._subnet = found.apply(lambda cluster: next((pool.vnet_subnet_id for pool in cluster.agent_pool_profiles or ()), None))
        said = containerservice.list_managed_cluster_user_credentials_output(
            format="exec", resource_group_name=self._group, resource_name=self._name, opts=invoked
        )
        self.kubeconfig = pulumi.Output.secret(said.kubeconfigs.apply(_kubeconfig(settings.login)))
        named = any(managed_identity(server.identity) for server in stack.servers.values() if server.identity)
        self._identities = ServerIdentities(settings.name, stack, profile.apply(issuer), opts=opts) if named else None
        self.known: Mapping[str, pulumi.Output[str]] = self._identities.known if self._identities else {}
        self.provider = pulumi_kubernetes.Provider(
            settings.name,
            kubeconfig=self.kubeconfig,
            cluster_identifier=settings.name,
            opts=opts,
        )

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        pools = [self._pool(group) for group in desired.node_groups if isinstance(group, AgentPool)]
        return [*pools, *(self._identities.admitted if self._identities else [])]

    def _pool(self, group: AgentPool) -> pulumi.Resource:
        return containerservice.AgentPool(
            group.role,
            agent_pool_name=group.name,
            resource_group_name=self._group,
            resource_name_=self._name,
            vnet_subnet_id=self._subnet,
            **group.arguments,
            opts=pulumi.ResourceOptions.merge(
                self._opts,
                pulumi.ResourceOptions(
                    ignore_changes=["count"],
                    # Left to itself, the provider deletes first whatever has a name of its own, although the name changes.
                    delete_before_replace=group.delete_first,
                    deleted_with=self.made,
                ),
            ),
        )


def _kubeconfig(login: str) -> Callable[[list[containerservice.outputs.CredentialResultResponse]], str]:
    return lambda found: aks.kubeconfig(base64.b64decode(found[0].value).decode(), login)


def issuer(profile: containerservice.outputs.ManagedClusterOIDCIssuerProfileResponse | None) -> str:
    """Who signs tokens of the cluster's pods. Raises `pulumi.RunError` where nobody does."""
    if profile is None or not profile.issuer_url:
        raise pulumi.RunError(
            "the cluster has no OIDC issuer, by which servers' pods could be managed identities: "
            "az aks update --enable-oidc-issuer --enable-workload-identity"
        )
    return profile.issuer_url


def connect(stack: Stack, *, opts: pulumi.ResourceOptions) -> Aks:
    settings = stack.cluster
    assert isinstance(settings, AksCluster)
    return Aks(stack, settings, opts=opts)
