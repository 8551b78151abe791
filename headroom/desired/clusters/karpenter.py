"""What Karpenter needs in AWS where the program makes the cluster: who it is, who its nodes are, and a queue of what EC2 warns of.

Source: aws/karpenter-provider-aws v1.14.1 website/content/en/v1.14/reference/cloudformation.md (permissions, queue, events). Subnets and
security group have its tag already.
"""

from __future__ import annotations

import json
from typing import Any

from headroom.desired.clusters.eks import partition
from headroom.settings.cluster import EksCluster
from headroom.settings.platform import Mode
from headroom.settings.stack import Stack

RETENTION_SECONDS = 300
"""Of a message in the queue: what is older than a spot node's notice warns nobody."""
EVENTS = json.dumps(
    {
        "source": ["aws.ec2", "aws.health"],
        "detail-type": [
            "AWS Health Event",
            "EC2 Capacity Reservation Instance Interruption Warning",
            "EC2 Instance Rebalance Recommendation",
            "EC2 Instance State-change Notification",
            "EC2 Spot Instance Interruption Warning",
        ],
    }
)
"""The pattern of the events that go into the queue."""

_CLASS_TAG, _POOL_TAG, _REGION_TAG = "karpenter.k8s.aws/ec2nodeclass", "karpenter.sh/nodepool", "topology.kubernetes.io/region"


def is_made_here(stack: Stack) -> bool:
    """Whether the program makes what Karpenter needs: where it makes the cluster, and installs Karpenter in it."""
    cluster = stack.cluster
    return isinstance(cluster, EksCluster) and cluster.create is not None and stack.platform.karpenter.mode is Mode.HELM


def queue(stack: Stack) -> str | None:
    """The name of the queue that Karpenter reads; None where there is none."""
    own = stack.cluster.name if isinstance(stack.cluster, EksCluster) and is_made_here(stack) else None
    return stack.platform.karpenter.interruption_queue or own


def queue_arn(settings: EksCluster, name: str) -> str:
    """Of a queue that is there already, in whatever account may be reached."""
    return f"arn:{partition(settings.region)}:sqs:{settings.region}:*:{name}"


def queue_policy(queue: str) -> str:
    """Events are put into the queue of this ARN, and nobody reaches it without TLS."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    return _policy(
        _allowed("sqs:SendMessage", on=queue) | {"Principal": {"Service": "events.amazonaws.com"}},
        {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": queue, "Condition": insecure},
    )


def controller_policy(settings: EksCluster, node_role: str, queue: str) -> str:
    """What Karpenter may do: make machines and instance profiles of this cluster, and take those away. `node_role`, `queue`: ARNs."""
    of = partition(settings.region)
    ec2, ours = f"arn:{of}:ec2:{settings.region}", {f"kubernetes.io/cluster/{settings.name}": "owned"}
    named = {**ours, "eks:eks-cluster-name": settings.name}
    launched = [
        f"{ec2}:*:{kind}/*" for kind in ("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request")
    ]
    read = ("image", "snapshot")
    chosen = ("security-group", "subnet", "capacity-reservation", "placement-group")
    profiles = f"arn:{of}:iam::*:instance-profile/*"
    in_region = {_REGION_TAG: settings.region}
    return _policy(
        _allowed(
            "ec2:RunInstances", "ec2:CreateFleet", on=[*(f"{ec2}::{kind}/*" for kind in read), *(f"{ec2}:*:{kind}/*" for kind in chosen)]
        ),
        _allowed("ec2:RunInstances", "ec2:CreateFleet", on=f"{ec2}:*:launch-template/*", has=ours, has_some=_POOL_TAG),
        _allowed("ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate", on=launched, gets=named, gets_some=_POOL_TAG),
        _allowed(
            "ec2:CreateTags",
            on=launched,
            gets=named,
            gets_some=_POOL_TAG,
            more={"StringEquals": {"ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]}},
        ),
        _allowed(
            "ec2:CreateTags",
            on=f"{ec2}:*:instance/*",
            has=ours,
            has_some=_POOL_TAG,
            more={
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": settings.name},
                "ForAllValues:StringEquals": {"aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]},
            },
        ),
        _allowed(
            "ec2:TerminateInstances",
            "ec2:DeleteLaunchTemplate",
            on=[f"{ec2}:*:{kind}/*" for kind in ("instance", "launch-template")],
            has=ours,
            has_some=_POOL_TAG,
        ),
        _allowed(
            "iam:PassRole", on=node_role, more={"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}}
        ),
        _allowed("iam:CreateInstanceProfile", on=profiles, gets={**named, **in_region}, gets_some=_CLASS_TAG),
        _allowed(
            "iam:TagInstanceProfile",
            on=profiles,
            has={**ours, **in_region},
            has_some=_CLASS_TAG,
            gets={**named, **in_region},
            gets_some=_CLASS_TAG,
        ),
        _allowed(
            "iam:AddRoleToInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:DeleteInstanceProfile",
            on=profiles,
            has={**ours, **in_region},
            has_some=_CLASS_TAG,
        ),
        _allowed("iam:GetInstanceProfile", on=profiles),
        _allowed("iam:ListInstanceProfiles", "pricing:GetProducts", on="*"),
        _allowed(*(f"ec2:Describe{what}" for what in _SEEN), on="*", more={"StringEquals": {"aws:RequestedRegion": settings.region}}),
        _allowed("ssm:GetParameter", on=f"arn:{of}:ssm:{settings.region}::parameter/aws/service/*"),
        _allowed("eks:DescribeCluster", on=f"arn:{of}:eks:{settings.region}:*:cluster/{settings.name}"),
        _allowed("sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage", on=queue),
    )


_SEEN = (
    "CapacityReservations",
    "Images",
    "InstanceStatus",
    "InstanceTypeOfferings",
    "InstanceTypes",
    "Instances",
    "LaunchTemplates",
    "PlacementGroups",
    "SecurityGroups",
    "SpotPriceHistory",
    "Subnets",
)


def _allowed(
    *actions: str,
    on: str | list[str],
    has: dict[str, str] | None = None,
    has_some: str | None = None,
    gets: dict[str, str] | None = None,
    gets_some: str | None = None,
    more: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A statement. `has`: tags of what is acted on, `gets`: those that it is given; of `…_some` any value will do."""
    equal = _tags("aws:ResourceTag", has or {}) | _tags("aws:RequestTag", gets or {})
    like = _tags("aws:ResourceTag", {has_some: "*"} if has_some else {}) | _tags("aws:RequestTag", {gets_some: "*"} if gets_some else {})
    further = dict(more or {})
    condition = {"StringEquals": {**equal, **further.pop("StringEquals", {})}, "StringLike": like, **further}
    kept = {operator: keys for operator, keys in condition.items() if keys}
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **({"Condition": kept} if kept else {})}


def _tags(whose: str, tags: dict[str, str]) -> dict[str, str]:
    return {f"{whose}/{key}": value for key, value in tags.items()}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))
