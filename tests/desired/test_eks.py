"""Node groups and clusters of EKS, as its provider is asked for them."""

from __future__ import annotations

import base64
import ipaddress
import json
from typing import Any

import pytest
import yaml

from headroom.catalog.efa import EFAS
from headroom.catalog.machines import machines
from headroom.desired.clusters import eks as cluster
from headroom.desired.pools import node_groups
from headroom.desired.pools.eks import LONGEST_NAME, EksNodeGroup, resized
from headroom.settings.cluster.eks import EksCluster, EksCreation
from headroom.settings.platform import Platform
from headroom.settings.pool import Pool
from headroom.settings.stack import Stack
from tests.desired import eks_request
from tests.desired.stacks import STACKS, desired
from tests.evidence import Proof

TAG = "k8s.io/cluster-autoscaler/node-template"
BY_SPOT = {"capacity": "spot", "fallback": True}
RESERVED = {"capacity": "reserved", "reservation": "cr-0123456789abcdef0", "zones": ["us-west-2a"]}
SHAPES: dict[str, dict[str, Any]] = {
    "on demand": {},
    "spot with fallback": BY_SPOT,
    "reserved": RESERVED,
    "reserved as a group": {**RESERVED, "reservation": "arn:aws:resource-groups:us-west-2:111122223333:group/gpus"},
    "capacity block": {**RESERVED, "machine": "p5.48xlarge", "eks": {"capacityBlock": True}},
    "in parts": {"machine": "p4de.24xlarge", "sharing": {"mode": "mig", "profile": "1g.10gb"}},
    "in turns": {"sharing": {"mode": "time-slicing", "replicas": 4}},
    "at once": {"sharing": {"mode": "mps", "replicas": 4}},
    "zones": {"zones": ["us-west-2a", "us-west-2b"]},
    "labels and taints": {"labels": {"team": "speech"}, "taints": [{"key": "team", "value": "speech", "effect": "NoExecute"}]},
    "disk": {"disk": {"size": "1Ti", "fast": True}},
    "fast network": {"machine": "p5.48xlarge", "interconnect": True, "zones": ["us-west-2a"]},
    "no surge": {"surge": 0},
    "arm": {"machine": "g5g.xlarge"},
    "bottlerocket": {"nodes": "bottlerocket", "disk": {"fast": True}},
}


def stack(*, platform: dict[str, Any] | None = None, nodes: str | None = None, **pool: Any) -> Stack:
    where = EksCluster.model_validate({"provider": "eks", "name": "c", "region": "us-west-2"})
    operator = {"mode": "helm", **({"nodes": nodes} if nodes else {})}
    asked = Pool.model_validate({"machine": "g6.2xlarge", "max": 4, **pool})
    return Stack("test", where, "inference", {"l4": asked}, Platform.model_validate({"gpuOperator": operator, **(platform or {})}), {})


def groups(**pool: Any) -> list[EksNodeGroup]:
    return [found for found in node_groups(stack(**pool)) if isinstance(found, EksNodeGroup)]


def group(**pool: Any) -> EksNodeGroup:
    (only,) = groups(**pool)
    return only


def refusals(found: EksNodeGroup) -> list[str]:
    return [
        *eks_request.refusals("eks", "CreateNodegroup", eks_request.node_group(dict(found.arguments))),
        *eks_request.refusals("ec2", "CreateLaunchTemplate", eks_request.launch_template(dict(found.template))),
    ]


@pytest.mark.proves("every shape of pool on EKS maps to requests that AWS's client accepts (a check of our mapping)", Proof.SCHEMA)
@pytest.mark.parametrize("shape", SHAPES)
def test_awss_client_accepts_every_shape(shape: str) -> None:
    for found in groups(**SHAPES[shape]):
        assert not refusals(found)


@pytest.mark.parametrize("name", [name for name in STACKS if name.endswith("-eks")])
def test_awss_client_accepts_the_pools_of_the_stacks(name: str) -> None:
    found = desired(name).node_groups
    assert found
    assert not [problem for one in found if isinstance(one, EksNodeGroup) for problem in refusals(one)]


@pytest.mark.parametrize(
    "wrong",
    [{"capacity_type": "CHEAP"}, {"taint": []}, {"scaling_config": {"min_size": "0"}}, {"taints": [{"key": "a", "effect": "NoSchedule"}]}],
)
def test_awss_client_refuses_what_it_does_not_know(wrong: dict[str, Any]) -> None:
    assert eks_request.refusals("eks", "CreateNodegroup", eks_request.node_group({**group().arguments, **wrong}))


def test_awss_client_accepts_the_cluster_and_its_own_nodes() -> None:
    for said in ({}, {"version": "1.35", "apiAccess": ["203.0.113.0/24"]}):
        creation = EksCreation.model_validate(said)
        where = EksCluster.model_validate({"provider": "eks", "name": "c", "region": "us-west-2", "create": said})
        asked = eks_request.cluster(cluster.cluster(where, creation), cluster.endpoint(creation))
        assert not eks_request.refusals("eks", "CreateCluster", asked)
        nodes = {"node_group_name": "cpu", **cluster.cpu_nodes(creation)}
        assert not eks_request.refusals("eks", "CreateNodegroup", eks_request.node_group(nodes))
        assert not eks_request.refusals("ec2", "CreateLaunchTemplate", eks_request.launch_template(cluster.cpu_template()))


IN_PLACE = [
    {"min": 1},
    {"max": 9},
    {"labels": {"team": "speech"}},
    {"taints": [{"key": "team"}]},
    {"surge": 3},
    {"disk": {"size": "300Gi"}},
    {"warm": 1},
]
REPLACING = [
    {"machine": "g6.4xlarge"},
    {"sharing": {"mode": "time-slicing", "replicas": 4}},
    {"capacity": "spot"},
    {"zones": ["us-west-2a"]},
    {"nodes": "bottlerocket"},
    RESERVED,
]


@pytest.mark.parametrize("change", IN_PLACE, ids=str)
def test_what_eks_changes_in_place_keeps_the_name(change: dict[str, Any]) -> None:
    assert group(**change).name == group().name


@pytest.mark.parametrize(
    ("least", "most", "nodes"),
    [(1, 3, 1), (0, 4, 0), (2, 3, 2)],
    ids=["raised above the nodes", "more may come", "raised further"],
)
def test_aws_is_told_no_fewer_nodes_than_the_new_minimum(least: int, most: int, nodes: int) -> None:
    present = {"min_size": 0, "max_size": 3, "desired_size": 0}
    asked = {"min_size": least, "max_size": most, "desired_size": least}
    assert resized(asked, present) == {"min_size": least, "max_size": most, "desired_size": nodes}


def test_aws_is_told_no_more_nodes_than_the_new_maximum() -> None:
    present = {"min_size": 0, "max_size": 5, "desired_size": 5}
    assert resized({"min_size": 0, "max_size": 3, "desired_size": 0}, present) == {"min_size": 0, "max_size": 3, "desired_size": 3}


@pytest.mark.parametrize("present", [None, {"min_size": 0, "max_size": 3, "desired_size": 2}], ids=["no group yet", "the same bounds"])
def test_without_other_bounds_the_count_is_not_said(present: dict[str, int] | None) -> None:
    assert resized({"min_size": 0, "max_size": 3, "desired_size": 0}, present) is None


@pytest.mark.parametrize("change", REPLACING, ids=str)
def test_what_replaces_a_group_changes_its_name(change: dict[str, Any]) -> None:
    assert group(**change).name != group().name


def test_a_name_has_room_for_its_hash() -> None:
    long = Pool.model_validate({"machine": "g6.2xlarge", "max": 1, **BY_SPOT})
    one = stack()
    found = node_groups(Stack("test", one.cluster, "inference", {"l" * 40: long}, one.platform, {}))
    assert len({each.name for each in found}) == 2
    assert all(len(each.name) <= LONGEST_NAME for each in found)


def test_two_stacks_on_one_cluster_have_groups_of_their_own() -> None:
    one = stack()
    (other,) = node_groups(Stack("other", one.cluster, "inference", one.pools, one.platform, {}))
    assert other.name != group().name


def test_reserved_machines_alone_go_first_and_never_surge() -> None:
    reserved = group(**RESERVED)
    assert (reserved.delete_first, reserved.arguments["update_config"]["update_strategy"]) == (True, "MINIMAL")
    assert (group().delete_first, group().arguments["update_config"]["update_strategy"]) == (False, "DEFAULT")


def test_a_block_names_its_machine_in_the_template_alone() -> None:
    block = group(**SHAPES["capacity block"])
    assert block.arguments["capacity_type"] == "CAPACITY_BLOCK"
    assert "instance_types" not in block.arguments
    assert block.template["instance_type"] == "p5.48xlarge"
    assert block.template["instance_market_options"] == {"market_type": "capacity-block"}


def test_spot_falls_back_to_as_many_nodes_on_demand_that_nobody_keeps() -> None:
    spot, instead = groups(min=1, **BY_SPOT)
    assert (spot.role, instead.role) == ("l4-spot", "l4")
    assert [one.arguments["capacity_type"] for one in (spot, instead)] == ["SPOT", "ON_DEMAND"]
    assert [one.arguments["scaling_config"]["min_size"] for one in (spot, instead)] == [1, 0]
    assert spot.arguments["labels"] == instead.arguments["labels"]


def test_priorities_of_the_autoscaler_know_the_spot_group_by_its_name() -> None:
    release = next(iter(desired("prod-eks").platform["clusterAutoscaler"].releases))
    (spot,) = [one for one in desired("prod-eks").node_groups if one.role == "l4-spot"]
    (pattern,) = release.values["expanderPriorities"]["50"]
    assert f"eks-{spot.name}-".startswith(pattern.removeprefix("^").removesuffix(".*"))


def test_a_group_of_no_nodes_says_what_a_node_of_it_will_be() -> None:
    tags = group(sharing={"mode": "time-slicing", "replicas": 4}, taints=[{"key": "team", "value": "a"}]).tags
    assert tags[f"{TAG}/resources/nvidia.com/gpu"] == "4"
    assert tags[f"{TAG}/label/headroom.dev/pool"] == "l4"
    assert tags[f"{TAG}/label/nvidia.com/gpu.product"] == "NVIDIA-L4-SHARED"
    assert tags[f"{TAG}/taint/nvidia.com/gpu"] == "present:NoSchedule"
    assert tags[f"{TAG}/taint/team"] == "a:NoSchedule"
    assert tags[f"{TAG}/resources/ephemeral-storage"] == "200Gi"


@pytest.mark.parametrize("shape", SHAPES)
def test_tags_are_as_short_as_aws_wants_them(shape: str) -> None:
    every = groups(**SHAPES[shape])
    assert every
    for found in every:
        assert all(len(key) <= 128 and len(value) <= 256 for key, value in found.tags.items())
        assert 0 < len(found.tags) <= 40


def test_nodes_are_told_how_their_gpus_are_shared() -> None:
    in_parts = group(**SHAPES["in parts"]).arguments["labels"]
    assert in_parts["nvidia.com/mig.config"] == "all-1g.10gb"
    assert group(**SHAPES["in turns"]).arguments["labels"]["nvidia.com/device-plugin.config"] == "time-slicing-4"


@pytest.mark.parametrize(("shape", "image"), [("arm", "AL2023_ARM_64_NVIDIA"), ("bottlerocket", "BOTTLEROCKET_x86_64_NVIDIA")])
def test_the_image_is_of_the_machine_and_of_the_kind_of_nodes(shape: str, image: str) -> None:
    assert group(**SHAPES[shape]).arguments["ami_type"] == image


def test_the_disk_with_images_is_large_encrypted_and_fetches_in_parallel_where_it_is_fast() -> None:
    (disk,) = group(**SHAPES["disk"]).template["block_device_mappings"]
    assert disk["ebs"].items() >= {"volume_size": 1024, "encrypted": "true", "throughput": 1000}.items()
    told = base64.b64decode(group(**SHAPES["disk"]).template["user_data"]).decode()
    config = yaml.safe_load(told.split("---\n")[1].split("\n--")[0])
    assert config["spec"] == {"featureGates": {"FastImagePull": True}}
    assert "user_data" not in group().template
    bottlerocket = group(**SHAPES["bottlerocket"]).template
    assert (bottlerocket["block_device_mappings"][0]["device_name"], "user_data" in bottlerocket) == ("/dev/xvdb", False)


def test_pods_get_none_of_their_nodes_identity() -> None:
    options = group().template["metadata_options"]
    assert (options["http_tokens"], options["http_put_response_hop_limit"]) == ("required", 1)


@pytest.mark.parametrize(("machine", "cards"), [("g6e.24xlarge", [0, 1]), ("p6-b300.48xlarge", list(range(1, 17))), ("p5.4xlarge", [0])])
def test_every_card_has_one_adapter_and_the_first_an_address_too(machine: str, cards: list[int]) -> None:
    plain, *adapters = group(machine=machine, interconnect=True, zones=["us-west-2a"]).template["network_interfaces"]
    assert (plain["interface_type"], plain["network_card_index"], plain["device_index"]) == ("interface", 0, 0)
    assert [one["network_card_index"] for one in adapters] == cards
    assert {one["interface_type"] for one in adapters} == {"efa-only"}
    places = [(one["network_card_index"], one["device_index"]) for one in (plain, *adapters)]
    assert len(set(places)) == len(places)


def test_adapters_are_known_of_machines_that_are_known() -> None:
    assert not {name for name in EFAS if name not in machines() and not name.startswith("p3dn")}


def test_of_a_pool_that_karpenter_scales_only_those_are_here_that_stay() -> None:
    by_karpenter = {"karpenter": "helm"}
    assert not groups(platform=by_karpenter)
    sizes = group(platform=by_karpenter, min=2).arguments["scaling_config"]
    assert (sizes["min_size"], sizes["max_size"]) == (2, 2)


@pytest.mark.parametrize(("network", "zones"), [("10.0.0.0/16", 3), ("10.8.0.0/19", 6), ("172.16.0.0/18", 2)])
def test_subnets_are_inside_and_none_overlaps_another(network: str, zones: int) -> None:
    cut = cluster.addresses(network, zones)
    found = [ipaddress.IPv4Network(text) for text in (*cut.private, *cut.public)]
    assert len(found) == 2 * zones
    assert all(one.subnet_of(ipaddress.IPv4Network(network)) for one in found)
    assert not [1 for one in found for other in found if one is not other and one.overlaps(other)]


def test_an_api_server_is_private_unless_somebody_is_let_in() -> None:
    assert cluster.endpoint(EksCreation.model_validate({})) == {"endpoint_private_access": True, "endpoint_public_access": False}
    let_in = cluster.endpoint(EksCreation.model_validate({"apiAccess": ["203.0.113.0/24"]}))
    assert (let_in["endpoint_public_access"], let_in["public_access_cidrs"]) == (True, ["203.0.113.0/24"])


def test_the_autoscaler_resizes_groups_of_its_own_cluster_alone() -> None:
    allowed = json.loads(cluster.autoscaler_policy("c"))["Statement"]
    (resizing,) = [one for one in allowed if "autoscaling:SetDesiredCapacity" in one["Action"]]
    assert resizing["Condition"] == {"StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/c": "owned"}}


def test_the_kubeconfig_holds_no_token() -> None:
    (user,) = json.loads(cluster.kubeconfig("c", "us-west-2", "https://eks", "Q0E="))["users"]
    assert list(user["user"]) == ["exec"]
    assert user["user"]["exec"]["args"][:4] == ["eks", "get-token", "--cluster-name", "c"]
