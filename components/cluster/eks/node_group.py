"""A GPU node group of EKS."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.cluster.eks.made import MadeCluster
from components.cluster.eks.sizes import sizes
from headroom.desired.objects import Object
from headroom.desired.pools.eks import EksNodeGroup
from headroom.settings.cluster import EksCluster


@dataclass(frozen=True)
class Ground:
    """What node groups stand on: a cluster that the program makes or finds."""

    called: str
    name: pulumi.Input[str]
    """The same, known when the cluster is there."""
    network: pulumi.Output[str]
    security_group: pulumi.Output[str]
    """EKS's own, of control plane and nodes."""
    subnets: Callable[[tuple[str, ...]], pulumi.Output[list[str]]]
    """Those in the zones that are named; all where none is."""

    @staticmethod
    def made(settings: EksCluster, cluster: MadeCluster) -> "Ground":
        return Ground(settings.name, cluster.cluster.name, cluster.network.id, cluster.security_group, cluster.network.subnets)

    @staticmethod
    def found(settings: EksCluster, cluster: pulumi.Output[aws.eks.GetClusterResult], provider: aws.Provider) -> "Ground":
        network = cluster.vpc_config
        everywhere = pulumi.Output.from_input(list(settings.subnets)) if settings.subnets else network.subnet_ids

        def subnets(zones: tuple[str, ...]) -> pulumi.Output[list[str]]:
            if not zones:
                return everywhere
            filters = everywhere.apply(
                lambda ids: [
                    aws.ec2.GetSubnetsFilterArgs(name="subnet-id", values=ids),
                    aws.ec2.GetSubnetsFilterArgs(name="availability-zone", values=list(zones)),
                ]
            )
            return aws.ec2.get_subnets_output(filters=filters, opts=pulumi.InvokeOutputOptions(provider=provider)).ids

        return Ground(settings.name, settings.name, network.vpc_id, network.cluster_security_group_id, subnets)


class NodeGroup(pulumi.ComponentResource):
    """A managed node group with its launch template; `spec` is one of `headroom.desired.pools.eks`.

    `after` is what its nodes need to get ready: it goes when they are gone.
    """

    def __init__(
        self,
        name: str,
        spec: EksNodeGroup,
        *,
        cluster: Ground,
        node_role: pulumi.Input[str],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ):
        super().__init__("headroom:cluster:EksNodeGroup", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self)
        template = aws.ec2.LaunchTemplate(name, **self._template(name, spec, cluster, here), opts=here)
        sized = sizes(cluster.called, spec.name, spec.arguments["scaling_config"], parent=self)
        group = aws.eks.NodeGroup(
            name,
            **{**spec.arguments, "scaling_config": sized.scaling_config},
            cluster_name=cluster.name,
            node_role_arn=node_role,
            subnet_ids=cluster.subnets(spec.zones),
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=sized.ignored,
                delete_before_replace=spec.delete_first,
                depends_on=after,
            ),
        )
        scaling_group = group.resources[0].autoscaling_groups[0].name
        for key, value in spec.tags.items():
            aws.autoscaling.Tag(
                f"{name}-{key.partition('/node-template/')[2].replace('/', '-')}",
                autoscaling_group_name=scaling_group,
                tag={"key": key, "value": value, "propagate_at_launch": False},
                opts=here,
            )
        self.register_outputs({"nodeGroupName": group.node_group_name})

    def _template(self, name: str, spec: EksNodeGroup, cluster: Ground, opts: pulumi.ResourceOptions) -> Object:
        if not spec.interconnected:
            return {**spec.template, "vpc_security_group_ids": [cluster.security_group]}
        # Adapters talk past the network's own rules: the group must admit itself by name, in both directions.
        joined = aws.ec2.SecurityGroup(name, description="Elastic Fabric Adapters of one pool", vpc_id=cluster.network, opts=opts)
        for kind in ("ingress", "egress"):
            aws.ec2.SecurityGroupRule(
                f"{name}-{kind}",
                type=kind,
                protocol="all",
                from_port=0,
                to_port=0,
                self=True,
                security_group_id=joined.id,
                opts=opts,
            )
        near = aws.ec2.PlacementGroup(name, strategy="cluster", opts=opts)
        groups = [cluster.security_group, joined.id]
        interfaces = [{**interface, "security_groups": groups} for interface in spec.template["network_interfaces"]]
        return {**spec.template, "network_interfaces": interfaces, "placement": {"group_name": near.name}}
