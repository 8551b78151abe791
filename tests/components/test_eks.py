"""Stacks on EKS under Pulumi's mocks: what the engine is told of the cluster, its node groups and the way to it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any, cast

import pulumi
import pytest

from components.cluster.eks.sizes import sizes
from headroom.desired.clusters.load_balancers import controller_policy
from headroom.desired.pools.eks import EksNodeGroup
from headroom.settings.cluster import EksCluster
from tests.components.program import Cloud, Refused, Registered, Run, run_program, stack_config
from tests.desired.stacks import desired
from tests.evidence import Proof

pytestmark = pytest.mark.thorough

CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SUBNET = "aws:ec2/subnet:Subnet"
ADD_ON = "aws:eks/addon:Addon"
TAG = "aws:autoscaling/tag:Tag"
ROLE = "aws:iam/role:Role"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
RELEASE = "kubernetes:helm.sh/v3:Release"
CONTROLLER = "awsLoadBalancerController-aws-load-balancer-controller"
INLINE = "aws:iam/rolePolicy:RolePolicy"
PROVIDER = "pulumi:providers:kubernetes"
NETWORK = {"clusterSecurityGroupId": "sg-1", "vpcId": "vpc-1", "subnetIds": ["subnet-1", "subnet-2"]}
CLOUD = Cloud(
    outputs={
        CLUSTER: {"endpoint": "https://eks", "certificateAuthority": {"data": "Q0E="}, "vpcConfig": NETWORK},
        GROUP: {"resources": [{"autoscalingGroups": [{"name": "eks-l4-1"}]}]},
        TEMPLATE: {"latestVersion": 3},
        "aws:ec2/placementGroup:PlacementGroup": {"name": "h100x8-near"},
    },
    results={
        "aws:index/getAvailabilityZones:getAvailabilityZones": {"names": [f"us-west-2{letter}" for letter in "abcd"]},
        "aws:eks/getCluster:getCluster": {
            "endpoint": "https://eks",
            "certificateAuthorities": [{"data": "Q0E="}],
            "vpcConfig": NETWORK,
        },
        "aws:ec2/getSubnets:getSubnets": {"ids": ["subnet-2"]},
        "aws:eks/getNodeGroup:getNodeGroup": {"scalingConfigs": []},
        "aws:eks/getNodeGroups:getNodeGroups": {"names": []},
    },
)


@pytest.fixture(autouse=True)
def no_kubeconfig(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))


@pytest.fixture(scope="module")
def dev() -> Run:
    return run_program("dev-eks", cloud=CLOUD)


@pytest.fixture(scope="module")
def prod() -> Run:
    return run_program("prod-eks", cloud=CLOUD)


@pytest.fixture(scope="module")
def found() -> Run:
    config = stack_config("dev-eks")
    config["headroom:cluster"] = {"provider": "eks", "name": "theirs", "region": "us-west-2"}
    config["headroom:pools"]["l4"] |= {"zones": ["us-west-2b"]}
    return run_program("dev-eks", config, cloud=CLOUD)


def of_type(run: Run, type_: str) -> dict[str, Registered]:
    return {one.name: one for one in run.resources if one.type == type_}


def gpu_groups(run: Run, stack: str) -> dict[str, Registered]:
    roles = {group.role for group in desired(stack).node_groups}
    return {name: one for name, one in of_type(run, GROUP).items() if name in roles}


def test_the_cloud_is_asked_for_the_desired_groups(prod: Run) -> None:
    asked = gpu_groups(prod, "prod-eks")
    for group in desired("prod-eks").node_groups:
        assert isinstance(group, EksNodeGroup)
        assert asked[group.role].inputs["nodeGroupName"] == group.name
        assert asked[group.role].inputs["labels"] == group.arguments["labels"]
        assert asked[group.role].inputs["launchTemplate"] == {"id": f"{group.role}-id", "version": "3"}


def test_the_count_of_the_autoscaler_is_ignored(prod: Run) -> None:
    assert {group.ignores for group in of_type(prod, GROUP).values()} == {("scalingConfig.desiredSize",)}


def with_nodes(count: int, *, least: int, most: int) -> Run:
    """The dev stack, where there are groups with those bounds and so many nodes."""
    present = {"scalingConfigs": [{"desiredSize": count, "minSize": least, "maxSize": most}]}
    named = {"names": ["l4-1a2b3c4", "inference-dev-cpu-0a1b2c3"]}
    results = {"aws:eks/getNodeGroup:getNodeGroup": present, "aws:eks/getNodeGroups:getNodeGroups": named}
    return run_program("dev-eks", cloud=replace(CLOUD, results={**CLOUD.results, **results}))


def test_with_other_bounds_the_nodes_that_there_are_stay() -> None:
    groups = of_type(with_nodes(3, least=1, most=3), GROUP)
    assert groups["l4"].inputs["scalingConfig"] == {"minSize": 0, "maxSize": 3, "desiredSize": 3}
    assert groups["inference-dev-cpu"].inputs["scalingConfig"] == {"minSize": 2, "maxSize": 4, "desiredSize": 3}
    assert {group.ignores for group in groups.values()} == {()}


def test_with_the_same_bounds_the_count_is_nobodys_business_here() -> None:
    (group,) = gpu_groups(with_nodes(2, least=0, most=3), "dev-eks").values()
    assert group.ignores == ("scalingConfig.desiredSize",)


@pytest.mark.parametrize(
    ("said", "warnings"),
    [
        ("reading EKS Node Group (inference:l4): couldn't find resource", 0),
        ("operation error EKS: ListNodegroups, ResourceNotFoundException: No cluster found for name: inference.", 0),
        ("operation error EKS: DescribeNodegroup, ThrottlingException: Rate exceeded", 1),
        ("AccessDeniedException: not authorized to perform: eks:DescribeNodegroup", 1),
    ],
)
def test_whoever_could_not_look_how_many_nodes_run_is_told(monkeypatch: pytest.MonkeyPatch, said: str, warnings: int) -> None:
    def fails(**_: Any) -> None:
        raise Exception(f"invoke of aws:eks/getNodeGroup:getNodeGroup failed: {said}")

    told: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", told.append)
    monkeypatch.setattr("pulumi_aws.eks.get_node_group", fails)
    asked = {"min_size": 0, "max_size": 3, "desired_size": 0}
    assert sizes("inference", "l4", asked, parent=cast(pulumi.Resource, None)).scaling_config == asked
    assert len(told) == warnings


def test_reserved_groups_alone_go_first(prod: Run) -> None:
    assert {name for name, group in of_type(prod, GROUP).items() if group.deleted_first} == {"h100x8"}


def test_what_the_autoscaler_reads_at_zero_is_tagged_onto_the_scaling_group(dev: Run) -> None:
    (group,) = [one for one in desired("dev-eks").node_groups if isinstance(one, EksNodeGroup)]
    tags = [one.inputs for one in of_type(dev, TAG).values()]
    assert {one["tag"]["key"]: one["tag"]["value"] for one in tags} == group.tags
    assert {one["autoscalingGroupName"] for one in tags} == {"eks-l4-1"}


def test_nodes_are_where_nobody_reaches_them_and_load_balancers_where_everybody_does(dev: Run) -> None:
    subnets = of_type(dev, SUBNET)
    public = {name for name, one in subnets.items() if "kubernetes.io/role/elb" in one.inputs["tags"]}
    private = {name for name, one in subnets.items() if "kubernetes.io/role/internal-elb" in one.inputs["tags"]}
    assert (len(public), len(private), public & private) == (3, 3, set())
    nodes = {subnet for group in of_type(dev, GROUP).values() for subnet in group.inputs["subnetIds"]}
    assert nodes == {f"{name}-id" for name in private}


def test_a_pool_of_one_zone_has_that_zones_subnet(prod: Run) -> None:
    (subnet,) = of_type(prod, GROUP)["h100x8"].inputs["subnetIds"]
    assert of_type(prod, SUBNET)[subnet.removesuffix("-id")].inputs["availabilityZone"] == "us-west-2b"


def test_one_way_out_is_enough_unless_every_zone_is_to_have_its_own(dev: Run, prod: Run) -> None:
    gateways = "aws:ec2/natGateway:NatGateway"
    assert (len(of_type(dev, gateways)), len(of_type(prod, gateways))) == (1, 3)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("encryptionConfig", {"provider": {"keyArn": "[key]"}, "resources": ["secrets"]}),
        ("enabledClusterLogTypes", ["api", "audit", "authenticator"]),
        ("deletionProtection", True),
        ("bootstrapSelfManagedAddons", False),
        ("accessConfig", {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": True}),
    ],
)
def test_a_cluster_is_safe_as_it_comes(prod: Run, argument: str, value: Any) -> None:
    asked = prod.one(CLUSTER, "inference-prod").inputs[argument]
    if argument == "encryptionConfig":
        asked = {**asked, "provider": {"keyArn": "[key]"}}
    assert asked == value


def test_an_api_server_that_nobody_is_let_into_is_private() -> None:
    config = stack_config("dev-eks")
    config["headroom:cluster"] |= {"create": True}
    network = run_program("dev-eks", config, cloud=CLOUD).one(CLUSTER, "inference-dev").inputs["vpcConfig"]
    assert (network["endpointPrivateAccess"], network["endpointPublicAccess"]) == (True, False)
    assert "publicAccessCidrs" not in network


def test_a_protected_cluster_and_its_key_stop_a_destroy_before_anything_is_gone(dev: Run, prod: Run) -> None:
    at_aws = {one.type for one in prod.resources if one.protected and one.type.startswith("aws:")}
    assert at_aws == {CLUSTER, "aws:kms/key:Key"}
    assert not [one for one in dev.resources if one.protected]


def test_logs_are_there_before_the_cluster_would_make_them_for_ever(dev: Run) -> None:
    logs = dev.one("aws:cloudwatch/logGroup:LogGroup", "inference-dev")
    assert logs.inputs == {"name": "/aws/eks/inference-dev/cluster", "retentionInDays": 90}
    assert logs.name in dev.one(CLUSTER, "inference-dev").dependencies


def test_nodes_have_their_network_and_their_rights_until_they_are_gone(dev: Run) -> None:
    needs = {"inference-dev-vpc-cni", "inference-dev-kube-proxy", "inference-dev-0-private"}
    assert needs | {"inference-dev-nodes-AmazonEKS_CNI_Policy"} <= set(dev.one(GROUP, "inference-dev-cpu").dependencies)
    assert needs | {"inference-dev-gpu-nodes-AmazonEKS_CNI_Policy"} <= set(dev.one(GROUP, "l4").dependencies)


def test_nothing_is_put_into_the_cluster_before_it_has_nodes_names_and_volumes(dev: Run) -> None:
    needs = {"cpu", "coredns", "aws-ebs-csi-driver", "autoscaler", "load-balancers"}
    assert {f"inference-dev-{need}" for need in needs} <= set(dev.one(PROVIDER, "inference-dev").dependencies)


def test_pods_that_ask_aws_for_something_are_somebody_of_their_own(dev: Run) -> None:
    driver = dev.one(ADD_ON, "inference-dev-aws-ebs-csi-driver").inputs
    assert [one["serviceAccount"] for one in driver["podIdentityAssociations"]] == ["ebs-csi-controller-sa"]
    for role, account in (("autoscaler", "cluster-autoscaler"), ("load-balancers", "aws-load-balancer-controller")):
        associated = dev.one(ASSOCIATION, f"inference-dev-{role}").inputs
        assert (associated["namespace"], associated["serviceAccount"]) == ("kube-system", account)
        trusted = json.loads(dev.one(ROLE, f"inference-dev-{role}").inputs["assumeRolePolicy"])["Statement"][0]
        assert trusted["Principal"] == {"Service": "pods.eks.amazonaws.com"}


@pytest.mark.proves("on EKS the program installs who makes the load balancer before Traefik, with a role of its own", Proof.SCHEMA)
def test_who_makes_load_balancers_is_told_its_network_and_may_reach_this_clusters_nodes(dev: Run, found: Run) -> None:
    """Neither can its pods find out by themselves."""
    assert dev.one(RELEASE, CONTROLLER).inputs["values"]["vpcId"] == "inference-dev-id"
    assert found.one(RELEASE, CONTROLLER).inputs["values"]["vpcId"] == "vpc-1"
    policy = json.loads(found.one(INLINE, "theirs-load-balancers").inputs["policy"])
    assert policy == json.loads(controller_policy(EksCluster(provider="eks", name="theirs", region="us-west-2")))


def test_traefik_comes_after_who_makes_its_load_balancer_and_goes_before(dev: Run) -> None:
    assert CONTROLLER in dev.one("headroom:index:HelmAddon", "traefik").dependencies


def test_names_of_roles_leave_the_provider_its_digits() -> None:
    config = stack_config("dev-eks")
    config["headroom:cluster"] |= {"name": "c" * 40}
    names = of_type(run_program("dev-eks", config, cloud=CLOUD), ROLE)
    assert names
    assert all(len(name) + len("-1234567") <= 64 for name in names)


def test_adapters_admit_each_other_and_stand_close_together(prod: Run) -> None:
    template = prod.one(TEMPLATE, "h100x8").inputs
    assert template["placement"] == {"groupName": "h100x8-near"}
    assert {tuple(one["securityGroups"]) for one in template["networkInterfaces"]} == {("sg-1", "h100x8-id")}
    rules = {one.name: one.inputs for one in prod.resources if one.type == "aws:ec2/securityGroupRule:SecurityGroupRule"}
    assert {(one["type"], one["self"]) for one in rules.values()} == {("ingress", True), ("egress", True)}
    assert "vpcSecurityGroupIds" not in template


def test_the_provider_is_the_clusters_and_keeps_no_token(dev: Run) -> None:
    provider = dev.one(PROVIDER, "inference-dev").inputs
    assert (provider["clusterIdentifier"], provider["kubeconfig"]) == ("inference-dev", "[secret]")


def test_of_a_cluster_that_is_there_only_the_pools_are_made(found: Run) -> None:
    assert not of_type(found, CLUSTER)
    assert set(of_type(found, GROUP)) == {"l4"}
    assert found.one(GROUP, "l4").inputs["clusterName"] == "theirs"
    assert found.one(GROUP, "l4").inputs["subnetIds"] == ["subnet-2"]
    assert found.one(TEMPLATE, "l4").inputs["vpcSecurityGroupIds"] == ["sg-1"]


def test_a_role_that_is_given_is_used_and_none_is_made() -> None:
    role = "arn:aws:iam::111122223333:role/nodes"
    config = stack_config("dev-eks")
    config["headroom:cluster"] = {"provider": "eks", "name": "theirs", "region": "us-west-2", "nodeRole": role}
    config["headroom:platform"] |= {"clusterAutoscaler": "existing", "awsLoadBalancerController": "existing"}
    run = run_program("dev-eks", config, cloud=CLOUD)
    assert run.one(GROUP, "l4").inputs["nodeRoleArn"] == role
    assert not of_type(run, ROLE)


def test_without_the_sdk_one_is_told_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("pulumi_aws", "components.cluster.eks"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pulumi_aws", None)
    with pytest.raises(Refused, match=r"cluster.provider: eks needs pulumi_aws, which is not installed; install it with `.*'\.\[eks\]'`"):
        run_program("dev-eks", cloud=CLOUD)


def test_what_is_inside_goes_with_the_cluster_but_for_what_reaches_out_of_it(dev: Run) -> None:
    inside = [one for one in dev.resources if one.type.startswith("kubernetes:")]
    stays = {one.type.rpartition(":")[2] for one in inside if not one.deleted_with}
    assert stays == {"Release", "Service", "Deployment"}
    assert {one.deleted_with for one in inside if one.deleted_with} == {"inference-dev"}


def test_a_cluster_that_somebody_else_made_stays_and_all_inside_is_deleted(found: Run) -> None:
    assert not [one for one in found.resources if one.deleted_with]
