"""A cluster on EKS with its network, its key, its roles and its nodes without GPUs: what is asked of AWS, but for what only AWS knows.

Sources: awsdocs/amazon-eks-user-guide latest/ug/networking/{network-reqs,alb-ingress}.adoc (subnets and their tags),
clusters/{cluster-endpoint,deletion-protection}.adoc, security/{enable-kms,auth-and-access-control/access-entries}.adoc,
manage-access/pod-id-*.adoc, observability/control-plane-logs.adoc, workloads/add-ons/*.adoc; kubernetes/autoscaler
cluster-autoscaler/cloudprovider/aws/README.md (what the autoscaler may do);
kubernetes-sigs/aws-ebs-csi-driver charts/aws-ebs-csi-driver/values.yaml (defaultStorageClass).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headroom.desired.node_pools import DISCOVERY_TAG
from headroom.desired.objects import Object
from headroom.settings.cluster.eks import EksCluster, EksCreation
from headroom.settings.platform import Mode, Platform

DEFAULT_ZONES = 3
LOGS = ("api", "audit", "authenticator")
"""Who asked for what, who it was, and what the API server made of it."""
ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
CLUSTER_POLICIES = ("AmazonEKSClusterPolicy",)
NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy")
VOLUME_POLICIES = ("service-role/AmazonEBSCSIDriverPolicy",)
KEY_DAYS = 30
"""Until a key is really gone, once it is to be deleted."""

_BLOCKS_BITS = 3


@dataclass(frozen=True)
class Addresses:
    """Of a network: in each zone what nodes and pods have, and what load balancers and the gateways have."""

    private: tuple[str, ...]
    public: tuple[str, ...]


def addresses(network: str, zones: int) -> Addresses:
    """Eighths of the network for nodes and pods, which take one address each; of the last eighth an eighth per zone for the others."""
    blocks = list(ipaddress.IPv4Network(network).subnets(prefixlen_diff=_BLOCKS_BITS))
    public = list(blocks[-1].subnets(prefixlen_diff=_BLOCKS_BITS))
    return Addresses(tuple(map(str, blocks[:zones])), tuple(map(str, public[:zones])))


def private_tags(cluster: str) -> dict[str, str]:
    """By which load balancers inside the network, and Karpenter, find their subnets."""
    return {"kubernetes.io/role/internal-elb": "1", DISCOVERY_TAG: cluster}


def public_tags() -> dict[str, str]:
    return {"kubernetes.io/role/elb": "1"}


def trusts(service: str) -> str:
    """A role's trust policy for a service of AWS; pods come with tags that say who they are."""
    actions = ["sts:AssumeRole", *(["sts:TagSession"] if service == PODS else [])]
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": actions})


CONTROL_PLANE, NODES, PODS = "eks.amazonaws.com", "ec2.amazonaws.com", "pods.eks.amazonaws.com"


def managed_policy(region: str, name: str) -> str:
    """The ARN of a policy of AWS's own, in the region's partition."""
    return f"arn:{partition(region)}:iam::aws:policy/{name}"


def partition(region: str) -> str:
    """The part of AWS that a region is in, as ARNs name it."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def autoscaler_policy(cluster: str) -> str:
    """What Cluster Autoscaler may do: see everything, and resize the groups of this cluster."""
    seen = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
        "eks:DescribeNodegroup",
    ]
    resized = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    ours = {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}": "owned"}}
    return policy(
        {"Effect": "Allow", "Action": seen, "Resource": "*"},
        {"Effect": "Allow", "Action": resized, "Resource": "*", "Condition": ours},
    )


def wants_autoscaler_role(platform: Platform) -> bool:
    """Whether Cluster Autoscaler is installed here and has no role that the stack names."""
    return platform.cluster_autoscaler.mode is Mode.HELM and platform.cluster_autoscaler.role is None


def policy(*statements: Mapping[str, Any]) -> str:
    """Statements as IAM reads them."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def cluster(settings: EksCluster, creation: EksCreation) -> Object:
    """Arguments of the provider's `Cluster`, but for its role, its subnets and its key."""
    return {
        "name": settings.name,
        **({"version": creation.version} if creation.version else {}),
        "access_config": {"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True},
        # They come as add-ons, which are kept up to date.
        "bootstrap_self_managed_addons": False,
        "enabled_cluster_log_types": list(LOGS),
        "deletion_protection": creation.deletion_protection,
    }


def endpoint(creation: EksCreation) -> Object:
    """Of the argument `vpc_config`: nodes reach the API server within their network, whoever else may do so as well."""
    access = {"public_access_cidrs": list(creation.api_access)} if creation.api_access else {}
    return {"endpoint_private_access": True, "endpoint_public_access": bool(creation.api_access), **access}


@dataclass(frozen=True)
class AddOn:
    """An add-on of EKS."""

    name: str
    before_nodes: bool = False
    """Whether nodes do not get ready without it. The others wait for a node themselves."""
    values: str | None = None
    service_account: str | None = None
    """Of which its pods are, where they may do something at AWS."""
    role: str = ""
    """What their role is called behind the cluster's name. A role's name has 64 characters, of which the provider makes eight."""
    policies: tuple[str, ...] = ()


def add_ons() -> tuple[AddOn, ...]:
    """What a cluster needs before anything can be installed: network, names, identities, volumes and a class that makes them."""
    return (
        AddOn("vpc-cni", before_nodes=True, values=json.dumps({"enableNetworkPolicy": "true"})),
        AddOn("kube-proxy", before_nodes=True),
        AddOn("eks-pod-identity-agent", before_nodes=True),
        AddOn("coredns"),
        AddOn(
            "aws-ebs-csi-driver",
            values=json.dumps({"defaultStorageClass": {"enabled": True}}),
            service_account="ebs-csi-controller-sa",
            role="volumes",
            policies=VOLUME_POLICIES,
        ),
    )


def cpu_nodes(creation: EksCreation) -> Object:
    """Arguments of the node group without GPUs, but for cluster, role, subnets and launch template."""
    cpu = creation.cpu
    return {
        "ami_type": "AL2023_x86_64_STANDARD",
        "capacity_type": "ON_DEMAND",
        "instance_types": [cpu.machine],
        "scaling_config": {"min_size": cpu.min, "max_size": cpu.max, "desired_size": cpu.min},
        "update_config": {"max_unavailable": 1},
        "node_repair_config": {"enabled": True},
    }


def cpu_template() -> Object:
    """Its launch template: encrypted disks, and an identity of the node that is the node's alone."""
    disk = {"volume_type": "gp3", "volume_size": 50, "encrypted": "true", "delete_on_termination": "true"}
    return {
        "block_device_mappings": [{"device_name": "/dev/xvda", "ebs": disk}],
        "metadata_options": {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        "update_default_version": True,
    }


def kubeconfig(name: str, region: str, server: str, authority: str) -> str:
    """Asks AWS for a token each time: none is in it, and none is kept. `authority` is the certificate of the API server's, in base64."""
    execute = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
        "interactiveMode": "Never",
        "installHint": "install the AWS CLI: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": authority}}],
            "users": [{"name": name, "user": {"exec": execute}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
