"""A cluster of EKS that the program makes, with all that it stands on."""

import pulumi
import pulumi_aws as aws

from components.cluster.eks.network import Network
from components.cluster.eks.roles import role
from components.cluster.eks.sizes import generated_sizes
from headroom.desired.clusters import eks
from headroom.desired.node_pools import DISCOVERY_TAG
from headroom.settings.cluster import EksCluster
from headroom.settings.cluster.eks import EksCreation


class MadeCluster(pulumi.ComponentResource):
    """Network, key, roles, audit logs, cluster, add-ons of EKS, and nodes without GPUs."""

    cluster: aws.eks.Cluster
    joined: list[pulumi.Resource]
    """What nodes need before they get ready, and until they are gone."""
    ready: list[pulumi.Resource]
    """What must be there before anything is put into the cluster."""

    def __init__(self, name: str, settings: EksCluster, creation: EksCreation, *, opts: pulumi.ResourceOptions | None = None):
        super().__init__("headroom:cluster:EksCluster", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self)
        # EKS itself refuses only when everything else is gone already.
        kept = pulumi.ResourceOptions(parent=self, protect=creation.deletion_protection)
        self.network = Network(name, settings, creation, opts=here)
        key = aws.kms.Key(
            f"{name}-secrets",
            description=f"Secrets of the cluster {settings.name}",
            enable_key_rotation=True,
            deletion_window_in_days=eks.KEY_DAYS,
            opts=kept,
        )
        # Made by EKS itself it would be kept for ever, and outlive the cluster.
        logs = aws.cloudwatch.LogGroup(name, name=f"/aws/eks/{settings.name}/cluster", retention_in_days=creation.log_days, opts=here)
        control_plane = role(f"{name}-control-plane", eks.CONTROL_PLANE, eks.CLUSTER_POLICIES, settings.region, opts=here)
        self.cluster = aws.eks.Cluster(
            name,
            **eks.cluster(settings, creation),
            role_arn=control_plane.arn,
            vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=self.network.subnets(), **eks.endpoint(creation)),
            encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[*control_plane.attached, logs])),
        )
        self.security_group = self.cluster.vpc_config.apply(lambda known: known.cluster_security_group_id or "")
        self._admit(name, creation)
        aws.ec2.Tag(
            f"{name}-discovery",
            resource_id=self.security_group,
            key=DISCOVERY_TAG,
            value=settings.name,
            opts=here,
        )
        first: list[pulumi.Resource] = [self._add_on(name, found, settings.region, []) for found in eks.add_ons() if found.before_nodes]
        nodes = self._cpu_nodes(name, settings, creation, [*self.network.ready, *first])
        later = [self._add_on(name, found, settings.region, [nodes]) for found in eks.add_ons() if not found.before_nodes]
        self.joined = [*self.network.ready, *first]
        self.ready = [nodes, *first, *later]
        self.register_outputs({"name": self.cluster.name})

    def _admit(self, name: str, creation: EksCreation) -> None:
        here = pulumi.ResourceOptions(parent=self)
        for admin in creation.admins:
            role_name = f"{name}-{admin.rpartition('/')[2]}"
            entry = aws.eks.AccessEntry(role_name, cluster_name=self.cluster.name, principal_arn=admin, opts=here)
            aws.eks.AccessPolicyAssociation(
                role_name,
                cluster_name=self.cluster.name,
                principal_arn=entry.principal_arn,
                policy_arn=eks.ADMIN_POLICY,
                access_scope={"type": "cluster"},
                opts=here,
            )

    def _cpu_nodes(self, name: str, settings: EksCluster, creation: EksCreation, after: list[pulumi.Resource]) -> aws.eks.NodeGroup:
        here = pulumi.ResourceOptions(parent=self)
        nodes = role(f"{name}-nodes", eks.NODES, eks.NODE_POLICIES, settings.region, opts=here)
        template = aws.ec2.LaunchTemplate(f"{name}-cpu", **eks.cpu_template(), opts=here)
        asked = eks.cpu_nodes(creation)
        sized = generated_sizes(settings.name, f"{name}-cpu", asked["scaling_config"], parent=self)
        return aws.eks.NodeGroup(
            f"{name}-cpu",
            **{**asked, "scaling_config": sized.scaling_config},
            cluster_name=self.cluster.name,
            node_role_arn=nodes.arn,
            subnet_ids=self.network.subnets(),
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=sized.ignored,
                depends_on=[*nodes.attached, *after],
            ),
        )

    def _add_on(self, name: str, add_on: eks.AddOn, region: str, after: list[pulumi.Resource]) -> pulumi.Resource:
        here = pulumi.ResourceOptions(parent=self)
        given = role(f"{name}-{add_on.role}", eks.PODS, add_on.policies, region, opts=here) if add_on.service_account else None
        identity = (
            [aws.eks.AddonPodIdentityAssociationArgs(role_arn=given.arn, service_account=add_on.service_account or "")] if given else None
        )
        return aws.eks.Addon(
            f"{name}-{add_on.name}",
            cluster_name=self.cluster.name,
            addon_name=add_on.name,
            configuration_values=add_on.values,
            pod_identity_associations=identity,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*after, *(given.attached if given else [])]),
        )
