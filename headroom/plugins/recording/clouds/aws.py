"""Amazon Web Services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from headroom.plugins.recording.outputs import Cloud, Made, NoAnswer
from headroom.plugins.recording.sandbox import Sandbox

ACCOUNT = "111122223333"
"""The account of AWS's own examples."""
_REGION = "us-west-2"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_ISSUER = f"https://oidc.eks.{_REGION}.amazonaws.com/id/RECORDED"


def _other(token: str, made: Made) -> dict[str, Any]:
    """An id and an ARN in AWS's form, by service."""
    service, kind = token.split(":")[1].split("/")
    name = made.arguments.get("name") or made.name
    region = "" if service == "iam" else _REGION
    return {"id": name, "name": name, "arn": f"arn:aws:{service}:{region}:{ACCOUNT}:{kind.lower()}/{name}", "region": _REGION}


def _prefixed(prefix: str) -> Any:
    return lambda made: {"id": f"{prefix}-{made.name}"}


def _cluster(made: Made) -> dict[str, Any]:
    name = made.arguments.get("name") or made.name
    return {
        "id": name,
        "endpoint": made.sandbox.server,
        "certificateAuthority": {"data": made.sandbox.certificate_authority},
        "identities": [{"oidcs": [{"issuer": _ISSUER}]}],
        "status": "ACTIVE",
        "version": made.arguments.get("version", "1.35"),
        "vpcConfig": {"clusterSecurityGroupId": f"sg-{name}", "vpcId": f"vpc-{name}"},
    }


def _node_group(made: Made) -> dict[str, Any]:
    cluster, name = made.arguments["clusterName"], made.arguments["nodeGroupName"]
    groups = [{"name": f"eks-{name}-recorded"}]
    return {
        "id": f"{cluster}:{name}",
        "status": "ACTIVE",
        "resources": [{"autoscalingGroups": groups, "remoteAccessSecurityGroupId": ""}],
    }


def _get_node_groups(arguments: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    made = [entry.arguments for entry in sandbox.ledger.entries() if entry.token == _NODE_GROUP and not entry.preview]
    names = dict.fromkeys(group["nodeGroupName"] for group in made if group.get("clusterName") == arguments["clusterName"])
    return {"id": arguments["clusterName"], "names": list(names)}


def _get_node_group(arguments: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    """Raises `NoAnswer` where none of that name was made."""
    steps = [entry for entry in sandbox.ledger.entries() if entry.token == _NODE_GROUP and not entry.preview]
    made = [entry for entry in steps if entry.arguments.get("nodeGroupName") == arguments["nodeGroupName"]]
    if not made:
        raise NoAnswer(f"reading EKS Node Group ({arguments['nodeGroupName']}): couldn't find resource")
    drift = sandbox.drift.get(made[-1].name, {}).get("scalingConfig", {})
    return {"id": arguments["nodeGroupName"], "scalingConfigs": [made[-1].arguments["scalingConfig"] | drift], "status": "ACTIVE"}


def _get_cluster(arguments: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    name = arguments["name"]
    network = {
        "clusterSecurityGroupId": f"sg-{name}",
        "controlPlaneEgressMode": "AWS_MANAGED",
        "endpointPrivateAccess": True,
        "endpointPublicAccess": True,
        "publicAccessCidrs": ["0.0.0.0/0"],
        "securityGroupIds": [],
        "subnetIds": [f"subnet-{name}-a", f"subnet-{name}-b"],
        "vpcId": f"vpc-{name}",
    }
    return {
        "id": name,
        "endpoint": sandbox.server,
        "certificateAuthorities": [{"data": sandbox.certificate_authority}],
        "identities": [{"oidcs": [{"issuer": _ISSUER}]}],
        "status": "ACTIVE",
        "version": "1.35",
        "vpcConfig": network,
    }


def _policy(arguments: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    document = json.dumps({"Version": "2012-10-17", "Statement": arguments.get("statements", [])}, sort_keys=True)
    return {"id": "policy", "json": document, "minifiedJson": document}


CLOUD = Cloud(
    outputs={
        "aws:eks/cluster:Cluster": _cluster,
        _NODE_GROUP: _node_group,
        "aws:ec2/vpc:Vpc": _prefixed("vpc"),
        "aws:ec2/subnet:Subnet": _prefixed("subnet"),
        "aws:ec2/internetGateway:InternetGateway": _prefixed("igw"),
        "aws:ec2/natGateway:NatGateway": _prefixed("nat"),
        "aws:ec2/eip:Eip": _prefixed("eipalloc"),
        "aws:ec2/routeTable:RouteTable": _prefixed("rtb"),
        "aws:ec2/securityGroup:SecurityGroup": _prefixed("sg"),
        "aws:ec2/launchTemplate:LaunchTemplate": lambda made: {"id": f"lt-{made.name}", "latestVersion": 1, "defaultVersion": 1},
    },
    answers={
        "aws:eks/getCluster:getCluster": _get_cluster,
        "aws:eks/getNodeGroup:getNodeGroup": _get_node_group,
        "aws:eks/getNodeGroups:getNodeGroups": _get_node_groups,
        "aws:iam/getPolicyDocument:getPolicyDocument": _policy,
        "aws:index/getCallerIdentity:getCallerIdentity": lambda arguments, sandbox: {
            "accountId": ACCOUNT,
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/tests/recording",
            "userId": "RECORDED:tests",
        },
        "aws:index/getPartition:getPartition": lambda arguments, sandbox: {"partition": "aws", "dnsSuffix": "amazonaws.com"},
        "aws:index/getRegion:getRegion": lambda arguments, sandbox: {"region": _REGION, "name": _REGION},
        "aws:index/getAvailabilityZones:getAvailabilityZones": lambda arguments, sandbox: {
            "names": [f"{_REGION}{letter}" for letter in "abcd"],
            "zoneIds": [f"usw2-az{number}" for number in range(1, 5)],
        },
    },
    other=_other,
    # terraform-provider-aws internal/service/ec2/ec2_launch_template.go: every change of its contents makes a version.
    renewed={"aws:ec2/launchTemplate:LaunchTemplate": lambda old: {"latestVersion": old["latestVersion"] + 1}},
)
