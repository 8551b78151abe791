"""What the AWS Load Balancer Controller may do in AWS, and what of its cluster AWS alone knows.

Source: kubernetes-sigs/aws-load-balancer-controller v3.5.0 docs/install/iam_policy.json, without what it is told to leave alone (Shield,
WAF, Cognito), and with the narrower right to the nodes' security group that docs/deploy/installation.md advises. Partitions differ in their
ARNs alone (docs/install/iam_policy_{cn,us-gov}.json). Tags of the nodes' security group: awsdocs/amazon-eks-user-guide
latest/ug/networking/sec-group-reqs.adoc.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headroom.desired.clusters.eks import partition, policy
from headroom.settings.cluster import EksCluster
from headroom.settings.platform import Mode, Platform

VPC = "vpc-of-the-cluster"
"""What stands for the id of the cluster's network in the desired values."""

_OURS = "elbv2.k8s.aws/cluster"
"""The tag of whatever the controller makes."""


@dataclass(frozen=True)
class _Right:
    """Actions of a service; `on` resources, by what stands in their ARNs behind the account, or on anything."""

    service: str
    actions: tuple[str, ...]
    on: tuple[str, ...] = ()
    tagged: str | None = None
    """A tag that the resource must have."""
    gets: str | None = None
    """A tag that the request must give."""
    keeps: str | None = None
    """A tag that the request must not touch."""
    equal: Mapping[str, str | list[str]] = field(default_factory=dict)
    """What keys of the request may be."""


_BALANCERS = ("targetgroup/*/*", "loadbalancer/net/*/*", "loadbalancer/app/*/*")
_LISTENERS = ("listener/net/*/*/*", "listener/app/*/*/*", "listener-rule/net/*/*/*", "listener-rule/app/*/*/*")
_GROUPS = ("security-group/*",)
_ELB = "elasticloadbalancing"

_RIGHTS = (
    _Right("iam", ("CreateServiceLinkedRole",), equal={"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}),
    _Right(
        "ec2",
        (
            "DescribeAccountAttributes",
            "DescribeAddresses",
            "DescribeAvailabilityZones",
            "DescribeCoipPools",
            "DescribeInstances",
            "DescribeInternetGateways",
            "DescribeIpamPools",
            "DescribeNetworkInterfaces",
            "DescribeRouteTables",
            "DescribeSecurityGroups",
            "DescribeSubnets",
            "DescribeTags",
            "DescribeVpcPeeringConnections",
            "DescribeVpcs",
            "GetCoipPoolUsage",
            "GetSecurityGroupsForVpc",
        ),
    ),
    _Right(
        _ELB,
        (
            "DescribeCapacityReservation",
            "DescribeListenerAttributes",
            "DescribeListenerCertificates",
            "DescribeListeners",
            "DescribeLoadBalancerAttributes",
            "DescribeLoadBalancers",
            "DescribeRules",
            "DescribeSSLPolicies",
            "DescribeTags",
            "DescribeTargetGroupAttributes",
            "DescribeTargetGroups",
            "DescribeTargetHealth",
            "DescribeTrustStores",
        ),
    ),
    _Right("acm", ("DescribeCertificate", "ListCertificates")),
    _Right("iam", ("GetServerCertificate", "ListServerCertificates")),
    _Right("ec2", ("CreateSecurityGroup",)),
    _Right("ec2", ("CreateTags",), on=_GROUPS, gets=_OURS, equal={"ec2:CreateAction": "CreateSecurityGroup"}),
    _Right("ec2", ("CreateTags", "DeleteTags"), on=_GROUPS, tagged=_OURS, keeps=_OURS),
    _Right("ec2", ("AuthorizeSecurityGroupIngress", "DeleteSecurityGroup", "RevokeSecurityGroupIngress"), tagged=_OURS),
    _Right(_ELB, ("CreateLoadBalancer", "CreateTargetGroup"), gets=_OURS),
    _Right(
        _ELB,
        ("AddTags",),
        on=_BALANCERS,
        gets=_OURS,
        equal={"elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateLoadBalancer"]},
    ),
    _Right(_ELB, ("AddTags", "RemoveTags"), on=_BALANCERS, tagged=_OURS, keeps=_OURS),
    _Right(_ELB, ("AddTags", "RemoveTags"), on=_LISTENERS),
    _Right(
        _ELB,
        (
            "DeleteLoadBalancer",
            "DeleteTargetGroup",
            "ModifyCapacityReservation",
            "ModifyIpPools",
            "ModifyListenerAttributes",
            "ModifyLoadBalancerAttributes",
            "ModifyTargetGroup",
            "ModifyTargetGroupAttributes",
            "SetIpAddressType",
            "SetSecurityGroups",
            "SetSubnets",
        ),
        tagged=_OURS,
    ),
    _Right(_ELB, ("DeregisterTargets", "RegisterTargets"), on=("targetgroup/*/*",)),
    _Right(
        _ELB,
        (
            "AddListenerCertificates",
            "CreateListener",
            "CreateRule",
            "DeleteListener",
            "DeleteRule",
            "ModifyListener",
            "ModifyRule",
            "RemoveListenerCertificates",
            "SetRulePriorities",
        ),
    ),
)
"""Without the right to the nodes' security group, which says whose cluster it is."""


def wants_role(platform: Platform) -> bool:
    """Whether the controller is installed here and has no role that the stack names."""
    controller = platform.aws_load_balancer_controller
    return controller.mode is Mode.HELM and controller.role is None


def controller_policy(settings: EksCluster) -> str:
    """What it may do: see the network, make load balancers and change its own, and let them through to the nodes of this cluster."""
    nodes = _Right("ec2", ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"), tagged=f"kubernetes.io/cluster/{settings.name}")
    return policy(*(_statement(right, partition(settings.region)) for right in (*_RIGHTS, nodes)))


def _statement(right: _Right, of: str) -> dict[str, Any]:
    # IAM's operator asks whether a tag is absent.
    asked = (("Resource", right.tagged, "false"), ("Request", right.gets, "false"), ("Request", right.keeps, "true"))
    tags = {f"aws:{whose}Tag/{tag}": absent for whose, tag, absent in asked if tag}
    conditions = {operator: keys for operator, keys in (("Null", tags), ("StringEquals", dict(right.equal))) if keys}
    return {
        "Effect": "Allow",
        "Action": [f"{right.service}:{action}" for action in right.actions],
        "Resource": [f"arn:{of}:{right.service}:*:*:{resource}" for resource in right.on] or "*",
        **({"Condition": conditions} if conditions else {}),
    }
