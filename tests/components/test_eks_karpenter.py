"""Karpenter in a cluster of EKS that the program makes, under Pulumi's mocks: what it stands on in AWS."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from headroom.desired.clusters.karpenter import controller_policy
from headroom.settings.cluster.eks import EksCluster
from tests.components.program import Run, run_program, stack_config
from tests.components.test_eks import CLOUD, PROVIDER, ROLE, of_type
from tests.evidence import Proof

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.proves("Karpenter on a cluster that the program makes: its role, its nodes' role and entry, its queue", Proof.SCHEMA),
]

NAME = "inference-dev"
KARPENTER = f"{NAME}-karpenter"
QUEUE = "aws:sqs/queue:Queue"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
INLINE = "aws:iam/rolePolicy:RolePolicy"
_WITH_ROLE = replace(CLOUD, results={**CLOUD.results, "aws:iam/getRole:getRole": {"arn": "arn:aws:iam::111122223333:role/nodes"}})
LONGEST_POLICIES = 10_240
"""Characters of all policies within one role (IAM quotas)."""


def run(**settings: Any) -> Run:
    config = stack_config("dev-eks")
    config["headroom:platform"] |= {"clusterAutoscaler": "none", "karpenter": {"mode": "helm", **settings}}
    return run_program("dev-eks", config, cloud=_WITH_ROLE)


@pytest.fixture(scope="module")
def made() -> Run:
    return run()


def release(found: Run) -> dict[str, Any]:
    return found.one("kubernetes:helm.sh/v3:Release", "karpenter-karpenter").inputs["values"]


def test_karpenter_is_somebody_and_its_nodes_may_join(made: Run) -> None:
    association = made.one(ASSOCIATION, KARPENTER).inputs
    assert (association["namespace"], association["serviceAccount"]) == ("kube-system", "karpenter")
    role = made.one(ROLE, f"{KARPENTER}-nodes").inputs
    (node_class,) = [one for one in made.resources if one.type.endswith(":EC2NodeClass")]
    assert role["name"] == node_class.inputs["spec"]["role"] == f"KarpenterNodeRole-{NAME}"
    assert made.one(ENTRY, f"{KARPENTER}-nodes").inputs["type"] == "EC2_LINUX"


def test_it_is_told_of_machines_that_are_taken_back(made: Run) -> None:
    assert made.one(QUEUE, KARPENTER).inputs["name"] == release(made)["settings"]["interruptionQueue"] == NAME
    pattern = json.loads(made.one("aws:cloudwatch/eventRule:EventRule", KARPENTER).inputs["eventPattern"])
    assert "EC2 Spot Instance Interruption Warning" in pattern["detail-type"]
    allowed, refused = json.loads(made.one("aws:sqs/queuePolicy:QueuePolicy", KARPENTER).inputs["policy"])["Statement"]
    assert (allowed["Principal"], refused["Effect"]) == ({"Service": "events.amazonaws.com"}, "Deny")


def test_it_comes_after_what_it_stands_on_and_goes_before(made: Run) -> None:
    assert {KARPENTER, f"{KARPENTER}-nodes", f"{KARPENTER}-nodes-AmazonEKS_CNI_Policy"} <= set(made.one(PROVIDER, NAME).dependencies)


def test_what_the_stack_names_is_not_made() -> None:
    found = run(nodeRole="nodes", interruptionQueue="warnings", role="arn:aws:iam::111122223333:role/karpenter")
    assert not [name for name in of_type(found, ROLE) if name.startswith(KARPENTER)]
    assert not of_type(found, QUEUE)
    assert release(found)["settings"]["interruptionQueue"] == "warnings"
    assert f"{KARPENTER}-nodes" in of_type(found, ENTRY)


def test_a_queue_that_is_named_may_be_read() -> None:
    policy = run(interruptionQueue="warnings").one(INLINE, KARPENTER).inputs["policy"]
    assert json.loads(policy)["Statement"][-1]["Resource"] == "arn:aws:sqs:us-west-2:*:warnings"


def test_a_cluster_that_is_there_has_all_of_it_already() -> None:
    config = stack_config("dev-eks")
    config["headroom:cluster"] = {"provider": "eks", "name": "theirs", "region": "us-west-2"}
    config["headroom:platform"] |= {"clusterAutoscaler": "none", "karpenter": "helm", "awsLoadBalancerController": "existing"}
    found = run_program("dev-eks", config, cloud=CLOUD)
    assert not [one for one in found.resources if one.type in (QUEUE, ENTRY, ROLE)]


@pytest.fixture
def statements() -> list[dict[str, Any]]:
    cluster = EksCluster.model_validate({"provider": "eks", "name": "c", "region": "us-west-2"})
    text = controller_policy(cluster, "arn:aws:iam::111122223333:role/nodes", "arn:aws:sqs:us-west-2:111122223333:c")
    assert len(text) <= LONGEST_POLICIES
    return json.loads(text)["Statement"]


def by(statements: list[dict[str, Any]], action: str) -> list[dict[str, Any]]:
    return [one for one in statements if action in one["Action"]]


def test_it_takes_away_machines_of_its_own_alone(statements: list[dict[str, Any]]) -> None:
    (taking,) = by(statements, "ec2:TerminateInstances")
    assert taking["Condition"]["StringEquals"] == {"aws:ResourceTag/kubernetes.io/cluster/c": "owned"}
    assert taking["Condition"]["StringLike"] == {"aws:ResourceTag/karpenter.sh/nodepool": "*"}


def test_it_hands_on_the_role_of_its_nodes_alone(statements: list[dict[str, Any]]) -> None:
    (handing,) = by(statements, "iam:PassRole")
    assert handing["Resource"] == "arn:aws:iam::111122223333:role/nodes"


def test_every_machine_that_it_makes_says_whose_it_is(statements: list[dict[str, Any]]) -> None:
    making = [one for one in by(statements, "ec2:RunInstances") if any(":instance/" in each for each in one["Resource"])]
    assert [one["Condition"]["StringEquals"]["aws:RequestTag/kubernetes.io/cluster/c"] for one in making] == ["owned"]


def test_what_it_may_change_without_a_condition_is_only_seen(statements: list[dict[str, Any]]) -> None:
    free = {action for one in statements if "Condition" not in one and one["Resource"] == "*" for action in one["Action"]}
    assert free == {"iam:ListInstanceProfiles", "pricing:GetProducts"}
