"""Amazon EKS: managed node groups, and the cluster itself where the stack says `create`."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes

from components.cluster.eks.karpenter import KarpenterGround
from components.cluster.eks.made import MadeCluster
from components.cluster.eks.node_group import Ground, NodeGroup
from components.cluster.eks.roles import role
from headroom.desired import Desired
from headroom.desired.clusters import eks, karpenter, load_balancers
from headroom.desired.pools.eks import EksNodeGroup
from headroom.settings import Stack
from headroom.settings.cluster import EksCluster
from headroom.settings.platform import AddOn


class Eks:
    """A cluster on EKS, whose API server is reached with the identity of whoever runs the program."""

    def __init__(self, stack: Stack, settings: EksCluster, *, opts: pulumi.ResourceOptions):
        own = aws.Provider(settings.name, region=settings.region, opts=opts)
        self._opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[own]))
        self._settings = settings
        ready: list[pulumi.Resource] = []
        self._joined: list[pulumi.Resource] = []
        self.made: aws.eks.Cluster | None = None
        if settings.create:
            made = MadeCluster(settings.name, settings, settings.create, opts=self._opts)
            self.made, self._joined, ready = made.cluster, made.joined, made.ready
            self._ground = Ground.made(settings, made)
            server, authority = made.cluster.endpoint, made.cluster.certificate_authority.data
            if karpenter.is_made_here(stack):
                ready += KarpenterGround(f"{settings.name}-karpenter", stack, settings, made.cluster, opts=self._opts).ready
        else:
            found = aws.eks.get_cluster_output(name=settings.name, opts=pulumi.InvokeOutputOptions(provider=own))
            self._ground = Ground.found(settings, found, own)
            server, authority = found.endpoint, found.certificate_authorities[0].data
        self.known: Mapping[str, pulumi.Output[str]] = {load_balancers.VPC: self._ground.network}
        text = pulumi.Output.all(server, authority).apply(lambda known: eks.kubeconfig(settings.name, settings.region, *known))
        self.kubeconfig = pulumi.Output.secret(text)
        platform = stack.platform
        if eks.wants_autoscaler_role(platform):
            ready.append(self._pod_role("autoscaler", platform.cluster_autoscaler, eks.autoscaler_policy(settings.name)))
        if load_balancers.wants_role(platform):
            policy = load_balancers.controller_policy(settings)
            ready.append(self._pod_role("load-balancers", platform.aws_load_balancer_controller, policy))
        # A pod is told its identity when it is made: the association must be there first.
        ready += [self._identity(stack, name, server.identity) for name, server in stack.servers.items() if server.identity]
        self.provider = pulumi_kubernetes.Provider(
            settings.name,
            kubeconfig=self.kubeconfig,
            cluster_identifier=settings.name,
            # Without its nodes nothing of the platform could start; what is inside leaves before them.
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=ready)),
        )

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        groups = [group for group in desired.node_groups if isinstance(group, EksNodeGroup)]
        if not groups:
            return []
        nodes: pulumi.Input[str] | None = self._settings.node_role
        after = [*self._joined]
        if nodes is None:
            made = role(f"{self._settings.name}-gpu-nodes", eks.NODES, eks.NODE_POLICIES, self._settings.region, opts=self._opts)
            nodes, after = made.arn, [*after, *made.attached]
        return [NodeGroup(group.role, group, cluster=self._ground, node_role=nodes, after=after, opts=self._opts) for group in groups]

    def _identity(self, stack: Stack, server: str, arn: str) -> pulumi.Resource:
        return aws.eks.PodIdentityAssociation(
            f"{self._settings.name}-{server}",
            cluster_name=self._ground.name,
            namespace=stack.servers[server].namespace or stack.namespace,
            service_account=server,
            role_arn=arn,
            opts=self._opts,
        )

    def _pod_role(self, called: str, add_on: AddOn, policy: str) -> pulumi.Resource:
        """The role of an add-on's pods, whose ServiceAccount is called as its release is."""
        name = f"{self._settings.name}-{called}"
        made = role(name, eks.PODS, (), self._settings.region, inline=policy, opts=self._opts)
        return aws.eks.PodIdentityAssociation(
            name,
            cluster_name=self._ground.name,
            namespace=add_on.namespace,
            service_account=add_on.release,
            role_arn=made.arn,
            opts=pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(depends_on=made.attached)),
        )


def connect(stack: Stack, *, opts: pulumi.ResourceOptions) -> Eks:
    settings = stack.cluster
    assert isinstance(settings, EksCluster)
    return Eks(stack, settings, opts=opts)
