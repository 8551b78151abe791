"""AWS Load Balancer Controller: what it is told, and what it may do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.desired.clusters.load_balancers import VPC, controller_policy
from headroom.desired.platform import DesiredAddOn
from headroom.settings.cluster import EksCluster
from tests.evidence import Proof
from tests.settings.stack_files import accepted, changed

EKS = {"provider": "eks", "name": "prod", "region": "us-west-2"}
LONGEST_POLICIES = 10_240
"""Characters of all policies within one role (IAM quotas)."""
OURS = "aws:ResourceTag/elbv2.k8s.aws/cluster"


def platform(directory: Path, *, cluster: dict[str, Any] = EKS, monitoring: Any = "helm", **settings: Any) -> dict[str, DesiredAddOn]:
    said = {
        "awsLoadBalancerController": {"mode": "helm", **settings},
        "clusterAutoscaler": "existing",
        "traefik": "helm",
        "monitoring": {"mode": monitoring, **({"grafana": "none"} if monitoring == "helm" else {})},
    }
    return dict(render(accepted(directory, changed(("headroom:cluster", cluster), ("headroom:platform", said)))).platform)


def values(directory: Path, **settings: Any) -> dict[str, Any]:
    (release,) = platform(directory, **settings)["awsLoadBalancerController"].releases
    return release.values


def test_it_is_told_what_its_pods_cannot_ask_their_node_for(tmp_path: Path) -> None:
    asked = values(tmp_path)
    assert (asked["clusterName"], asked["region"], asked["vpcId"]) == ("prod", "us-west-2", VPC)


def test_of_a_cluster_that_others_run_the_stack_says_what_it_knows(tmp_path: Path) -> None:
    there = {"provider": "existing", "name": "theirs", "distribution": "eks"}
    asked = values(tmp_path, cluster=there, overrides={"region": "us-west-2", "vpcId": "vpc-1"})
    assert (asked["clusterName"], asked["region"], asked["vpcId"]) == ("theirs", "us-west-2", "vpc-1")
    assert VPC not in values(tmp_path, cluster=there).values()


def test_a_second_update_brings_no_other_certificate(tmp_path: Path) -> None:
    asked = values(tmp_path)
    assert asked["keepTLSSecret"] is True
    assert "enableCertManager" not in asked


def test_nothing_else_of_the_cluster_waits_for_it(tmp_path: Path) -> None:
    asked = values(tmp_path)
    assert asked["enableServiceMutatorWebhook"] is False
    assert asked["webhookConfig"] == {"disableIngressValidation": True}
    assert asked["createIngressClassResource"] is False


def test_it_serves_no_gateways_whatever_definitions_are_there(tmp_path: Path) -> None:
    assert values(tmp_path)["controllerConfig"]["featureGates"] == {"ALBGatewayAPI": False, "NLBGatewayAPI": False}


def test_of_two_one_may_go(tmp_path: Path) -> None:
    asked = values(tmp_path)
    assert (asked["replicaCount"], asked["podDisruptionBudget"]) == (2, {"maxUnavailable": 1})


@pytest.mark.parametrize(("namespace", "chosen"), [("kube-system", "system-cluster-critical"), ("load-balancers", "headroom-platform")])
def test_it_is_of_the_systems_class_where_every_cluster_admits_that(tmp_path: Path, namespace: str, chosen: str) -> None:
    assert values(tmp_path, namespace=namespace)["priorityClassName"] == chosen


def test_its_identity_is_the_role_that_the_stack_names(tmp_path: Path) -> None:
    role = "arn:aws:iam::111122223333:role/load-balancers"
    assert values(tmp_path, role=role)["serviceAccount"]["annotations"] == {"eks.amazonaws.com/role-arn": role}


def test_it_is_watched_where_somebody_watches(tmp_path: Path) -> None:
    assert values(tmp_path)["serviceMonitor"]["enabled"] is True


@pytest.mark.proves("whoever makes load balancers on EKS is there before what asks for them", Proof.SCHEMA)
def test_traefik_needs_it(tmp_path: Path) -> None:
    order = platform(tmp_path)
    assert "awsLoadBalancerController" in order["traefik"].needs
    assert list(order).index("awsLoadBalancerController") < list(order).index("traefik")


def statements(region: str = "us-west-2") -> list[dict[str, Any]]:
    text = controller_policy(EksCluster(provider="eks", name="prod", region=region))
    assert len(text) <= LONGEST_POLICIES
    return json.loads(text)["Statement"]


def conditions(action: str) -> list[dict[str, Any]]:
    return [one.get("Condition", {}) for one in statements() if action in one["Action"]]


@pytest.mark.parametrize(
    "action",
    [
        "ec2:DeleteSecurityGroup",
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
    ],
)
def test_it_takes_away_and_changes_what_it_made_alone(action: str) -> None:
    assert conditions(action) == [{"Null": {OURS: "false"}}]


@pytest.mark.parametrize("action", ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"])
def test_it_lets_balancers_through_to_the_nodes_of_its_cluster_and_to_no_others(action: str) -> None:
    assert conditions(action) == [{"Null": {OURS: "false"}}, {"Null": {"aws:ResourceTag/kubernetes.io/cluster/prod": "false"}}]


@pytest.mark.parametrize("action", ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"])
def test_whatever_it_makes_says_whose_it_is(action: str) -> None:
    assert conditions(action) == [{"Null": {"aws:RequestTag/elbv2.k8s.aws/cluster": "false"}}]


def test_it_never_takes_the_mark_of_what_it_made_away() -> None:
    (removing, _) = conditions("elasticloadbalancing:RemoveTags")
    assert removing == {"Null": {OURS: "false", "aws:RequestTag/elbv2.k8s.aws/cluster": "true"}}


def test_what_its_values_turn_off_it_has_no_right_to() -> None:
    services = {action.partition(":")[0] for one in statements() for action in one["Action"]}
    assert services == {"iam", "ec2", "elasticloadbalancing", "acm"}


def test_names_are_those_of_the_regions_partition() -> None:
    arns = [arn for one in statements("cn-north-1") for arn in one["Resource"] if one["Resource"] != "*"]
    assert arns
    assert all(arn.startswith("arn:aws-cn:") for arn in arns)
