"""What Karpenter needs in AWS, in a cluster that the program makes."""

import pulumi
import pulumi_aws as aws

from components.cluster.eks.roles import role
from headroom.desired.clusters import eks, karpenter
from headroom.settings import Stack
from headroom.settings.cluster import EksCluster


class KarpenterGround(pulumi.ComponentResource):
    """Who Karpenter is, who its nodes are and that they may join, and the queue of EC2's warnings; what the stack names is the stack's."""

    ready: list[pulumi.Resource]
    """What must be there before Karpenter is, and until its nodes are gone."""

    def __init__(
        self, name: str, stack: Stack, settings: EksCluster, cluster: aws.eks.Cluster, *, opts: pulumi.ResourceOptions | None = None
    ):
        super().__init__("headroom:cluster:EksKarpenter", name, {}, opts)
        self._here = pulumi.ResourceOptions(parent=self)
        self.ready = []
        asked = stack.platform.karpenter
        nodes = self._nodes(name, stack, settings)
        self.ready.append(
            aws.eks.AccessEntry(f"{name}-nodes", cluster_name=cluster.name, principal_arn=nodes, type="EC2_LINUX", opts=self._here)
        )
        given = asked.interruption_queue
        queue = karpenter.queue_arn(settings, given) if given else self._queue(name, settings.name)
        if asked.role is None:
            self._controller(name, stack, settings, cluster, nodes, queue)
        self.register_outputs({})

    def _nodes(self, name: str, stack: Stack, settings: EksCluster) -> pulumi.Output[str]:
        asked = stack.platform.karpenter
        called = asked.role_of_nodes(settings.name)
        if asked.node_role:
            return aws.iam.get_role_output(name=called, opts=pulumi.InvokeOutputOptions(parent=self)).arn
        made = role(f"{name}-nodes", eks.NODES, eks.NODE_POLICIES, settings.region, called=called, opts=self._here)
        self.ready += made.attached
        return made.arn

    def _queue(self, name: str, called: str) -> pulumi.Output[str]:
        queue = aws.sqs.Queue(
            name, name=called, message_retention_seconds=karpenter.RETENTION_SECONDS, sqs_managed_sse_enabled=True, opts=self._here
        )
        policy = aws.sqs.QueuePolicy(name, queue_url=queue.url, policy=queue.arn.apply(karpenter.queue_policy), opts=self._here)
        rule = aws.cloudwatch.EventRule(name, event_pattern=karpenter.EVENTS, opts=self._here)
        self.ready += [policy, aws.cloudwatch.EventTarget(name, rule=rule.name, arn=queue.arn, opts=self._here)]
        return queue.arn

    def _controller(
        self,
        name: str,
        stack: Stack,
        settings: EksCluster,
        cluster: aws.eks.Cluster,
        nodes: pulumi.Output[str],
        queue: pulumi.Input[str],
    ) -> None:
        asked = stack.platform.karpenter
        policy = pulumi.Output.all(nodes, queue).apply(lambda known: karpenter.controller_policy(settings, *known))
        made = role(name, eks.PODS, (), settings.region, inline=policy, opts=self._here)
        self.ready.append(
            aws.eks.PodIdentityAssociation(
                name,
                cluster_name=cluster.name,
                namespace=asked.namespace,
                service_account=asked.release,
                role_arn=made.arn,
                opts=pulumi.ResourceOptions(parent=self, depends_on=made.attached),
            )
        )
