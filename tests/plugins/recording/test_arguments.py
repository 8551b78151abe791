"""What a program gives to a resource is held against the types of the installed SDK."""

from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.properties import UNKNOWN, Secret
from tests.evidence import Proof
from tests.plugins.recording.conftest import Provider, Refused

# They load the clouds' SDKs.
pytestmark = pytest.mark.thorough

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
GROUP = {
    "clusterName": "dev",
    "nodeRoleArn": "arn:aws:iam::111122223333:role/node",
    "scalingConfig": {"desiredSize": 0, "maxSize": 2, "minSize": 0},
    "subnetIds": ["subnet-a"],
}
NODE_POOL = "gcp:container/nodePool:NodePool"
AGENT_POOL = "azure-native:containerservice:AgentPool"
POOL = {"resourceGroupName": "dev", "resourceName": "dev"}


def test_right_arguments_pass(aws: Provider) -> None:
    assert (
        aws.problems(NODE_GROUP, GROUP | {"taints": [{"key": "nvidia.com/gpu", "effect": "NO_SCHEDULE"}], "labels": {"pool": "l4"}}) == {}
    )


@pytest.mark.proves("a misspelt argument of a cloud's resource fails against the SDK's own types", Proof.SCHEMA)
def test_a_misspelt_argument_deep_inside_is_named_with_the_one_that_was_meant(aws: Provider) -> None:
    wrong = GROUP | {"scalingConfig": {"desiredSize": 0, "maxSize": 2, "minSise": 0}}
    problems = aws.problems(NODE_GROUP, wrong)
    assert problems["scalingConfig.minSise"].startswith("scalingConfig.minSise: is no argument: did you mean minSize?")
    assert problems["scalingConfig.minSize"] == "scalingConfig.minSize: is required and not given"


def test_a_misspelt_argument_of_the_resource_itself_is_named(aws: Provider) -> None:
    assert "did you mean capacityType?" in aws.problems(NODE_GROUP, GROUP | {"capacity_type": "SPOT"})["capacity_type"]


@pytest.mark.parametrize(
    ("arguments", "path", "message"),
    [
        ({"subnetIds": "subnet-a"}, "subnetIds", "is a string and must be a list"),
        ({"subnetIds": [1]}, "subnetIds[0]", "is a whole number and must be a string"),
        ({"diskSize": "100"}, "diskSize", "is a string and must be a whole number"),
        ({"diskSize": True}, "diskSize", "is true or false and must be a whole number"),
        ({"labels": {"gpus": 1}}, "labels.gpus", "is a whole number and must be a string"),
        ({"taints": [{"key": "a", "effect": "NO_SCHEDULE"}, {"key": "b"}]}, "taints[1].effect", "is required and not given"),
        ({"scalingConfig": [{}]}, "scalingConfig", "is a list and must be an object of desiredSize, maxSize, minSize"),
    ],
)
def test_a_value_of_another_type_is_named_with_its_place(aws: Provider, arguments: dict, path: str, message: str) -> None:
    assert aws.problems(NODE_GROUP, GROUP | arguments) == {path: f"{path}: {message}"}


def test_a_value_outside_the_sdks_own_list_is_refused(azure: Provider) -> None:
    problems = azure.problems(AGENT_POOL, POOL | {"gpuInstanceProfile": "MIG1G", "mode": "User"})
    assert problems["gpuInstanceProfile"].endswith("is none of MIG1g, MIG2g, MIG3g, MIG4g, MIG7g: did you mean MIG1g?")


def test_objects_in_objects_are_looked_at(gcp: Provider) -> None:
    accelerator = {"count": 1, "type": "nvidia-l4", "gpuSharingConfig": {"gpuSharingStrategy": "MPS"}}
    problems = gcp.problems(NODE_POOL, {"cluster": "dev", "nodeConfig": {"guestAccelerators": [accelerator]}})
    assert list(problems) == ["nodeConfig.guestAccelerators[0].gpuSharingConfig.maxSharedClientsPerGpu"]


def test_what_is_not_known_yet_may_be_anything(aws: Provider) -> None:
    assert aws.problems(NODE_GROUP, GROUP | {"subnetIds": UNKNOWN, "diskSize": Secret(UNKNOWN)}) == {}


def test_a_secret_is_looked_into(aws: Provider) -> None:
    assert list(aws.problems(NODE_GROUP, GROUP | {"diskSize": Secret("100")})) == ["diskSize"]


def test_a_resource_that_the_sdk_does_not_have_is_refused(aws: Provider) -> None:
    with pytest.raises(Refused, match=r"aws 7\.51\.1 has no resource aws:eks/nodeGrup:NodeGrup"):
        aws.problems("aws:eks/nodeGrup:NodeGrup", {})


def test_a_misspelt_setting_of_the_provider_is_named(aws: Provider) -> None:
    assert list(aws.configure({"region": "us-west-2", "defaultTags": '{"tagz": {}}'})) == ["defaultTags.tagz"]


def test_a_question_is_held_against_the_types_too(azure: Provider) -> None:
    _, problems = azure.invoke("azure-native:containerservice:listManagedClusterUserCredentials", {"resourceGroupName": 1, "name": "dev"})
    assert set(problems) == {"resourceGroupName", "name", "resourceName"}
