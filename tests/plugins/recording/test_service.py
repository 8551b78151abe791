"""What a recording provider plans, gives back and writes down."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from headroom.plugins.kubernetes.properties import UNKNOWN, Secret
from headroom.plugins.protocol import provider_pb2
from headroom.plugins.recording import sdk
from headroom.plugins.recording.arguments import check
from headroom.plugins.recording.clouds import CLOUDS
from headroom.plugins.recording.ledger import Ledger
from headroom.plugins.recording.replaces import REPLACES
from tests.plugins.recording.conftest import AUTHORITY, SERVER, Provider, Refused, drift
from tests.plugins.recording.test_arguments import AGENT_POOL, GROUP, NODE_GROUP, NODE_POOL, POOL

# They load the clouds' SDKs.
pytestmark = pytest.mark.thorough

CLUSTER = {"roleArn": "arn", "vpcConfig": {"subnetIds": ["subnet-a"]}}
NAMED = GROUP | {"nodeGroupName": "l4-1a2b"}


def test_without_a_sandbox_it_refuses_and_says_what_it_is() -> None:
    with pytest.raises(Refused, match="this is a recording provider of headroom's tests: it makes nothing in any cloud"):
        Provider("aws", {}).configure()


def test_it_refuses_a_cluster_elsewhere(aws: Provider, directory: Path) -> None:
    file = directory / "kubeconfig"
    file.write_text(file.read_text().replace("127.0.0.1", "10.0.0.1"))
    with pytest.raises(Refused, match="it is not on this machine"):
        aws.configure()


@pytest.mark.parametrize(("change", "path"), [({"maxSize": 3}, "scalingConfig.maxSize"), ({"minSize": 1}, "scalingConfig.minSize")])
def test_sizes_change_in_place(aws: Provider, change: dict, path: str) -> None:
    found = aws.diff(NODE_GROUP, NAMED, NAMED | {"scalingConfig": GROUP["scalingConfig"] | change})
    assert (list(found.detailedDiff), list(found.replaces)) == ([path], [])


def test_nothing_changes_without_a_change(aws: Provider) -> None:
    assert aws.diff(NODE_GROUP, NAMED, NAMED).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_change_nobody_has_looked_up_is_refused(aws: Provider) -> None:
    fargate, profile = "aws:eks/fargateProfile:FargateProfile", {"clusterName": "a", "podExecutionRoleArn": "b", "selectors": []}
    assert aws.diff(fargate, profile, profile).changes == provider_pb2.DiffResponse.DIFF_NONE
    with pytest.raises(Refused, match="does not say which arguments replace a aws:eks/fargateProfile:FargateProfile"):
        aws.diff(fargate, profile, profile | {"clusterName": "c"})


def test_a_launch_template_that_changes_has_another_version(aws: Provider) -> None:
    changed = aws.update("aws:ec2/launchTemplate:LaunchTemplate", {"latestVersion": 1}, {}, {"ebsOptimized": "true"})
    assert changed["latestVersion"] == 2


def test_what_the_cloud_fills_in_inside_of_an_argument_is_unknown_too(gcp: Provider) -> None:
    asked = {"controlPlaneEndpointsConfig": {"dnsEndpointConfig": {"allowExternalTraffic": True}}}
    _, planned = gcp.create("gcp:container/cluster:Cluster", asked, preview=True)
    _, made = gcp.create("gcp:container/cluster:Cluster", asked)
    assert planned["controlPlaneEndpointsConfig"]["dnsEndpointConfig"] == {"allowExternalTraffic": True, "endpoint": UNKNOWN}
    assert made["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"] == "127.0.0.1:6443"


def test_an_argument_that_the_cloud_gives_back_in_another_form_is_not_echoed(azure: Provider) -> None:
    cluster = POOL | {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["id"]}}
    _, planned = azure.create("azure-native:containerservice:ManagedCluster", cluster, preview=True)
    assert planned["identity"]["userAssignedIdentities"] == {"id": {"principalId": UNKNOWN, "clientId": UNKNOWN}}


def test_a_pool_of_a_cluster_that_is_not_there_yet_is_planned(gcp: Provider) -> None:
    _, planned = gcp.create(NODE_POOL, {"cluster": UNKNOWN, "name": "l4"}, preview=True)
    assert planned["cluster"] is UNKNOWN


def test_a_block_that_is_added_replaces_only_for_what_is_in_it(gcp: Provider) -> None:
    pool = {"cluster": "dev", "name": "l4"}
    in_place = gcp.diff(NODE_POOL, pool, pool | {"nodeConfig": {"labels": {"a": "b"}}})
    replaced = gcp.diff(NODE_POOL, pool, pool | {"nodeConfig": {"spot": True}})
    assert (list(in_place.replaces), list(replaced.replaces)) == ([], ["nodeConfig"])


def test_a_bridged_provider_deletes_first_where_the_program_gives_the_name(aws: Provider) -> None:
    named = aws.diff(NODE_GROUP, NAMED, NAMED | {"nodeGroupName": "l4-3c4d", "instanceTypes": ["g6.4xlarge"]})
    unnamed = aws.diff(NODE_GROUP, GROUP, GROUP | {"instanceTypes": ["g6.4xlarge"]})
    assert (named.deleteBeforeReplace, unnamed.deleteBeforeReplace) == (True, False)


def test_azures_provider_deletes_first_unless_it_made_up_the_name(azure: Provider) -> None:
    named = azure.diff(AGENT_POOL, POOL | {"agentPoolName": "a", "vmSize": "A"}, POOL | {"agentPoolName": "b", "vmSize": "B"})
    unnamed = azure.diff(AGENT_POOL, POOL | {"vmSize": "A"}, POOL | {"vmSize": "B"})
    assert (named.deleteBeforeReplace, unnamed.deleteBeforeReplace) == (True, False)
    assert list(unnamed.replaces) == ["vmSize"]


def test_a_name_that_the_provider_gave_stays(aws: Provider) -> None:
    first = aws.checked(NODE_GROUP, GROUP)
    again = aws.checked(NODE_GROUP, GROUP, old=first)
    assert first["nodeGroupName"].startswith("gpu-")
    assert again == first


def test_what_the_cloud_fills_in_is_unknown_before_it_is_made(aws: Provider) -> None:
    _, planned = aws.create("aws:eks/cluster:Cluster", CLUSTER, preview=True)
    assert (planned["endpoint"], planned["certificateAuthority"], planned["roleArn"]) == (UNKNOWN, UNKNOWN, "arn")


def test_an_update_leaves_what_the_cloud_filled_in(aws: Provider) -> None:
    _, outputs = aws.create("aws:eks/cluster:Cluster", CLUSTER)
    updated = aws.update("aws:eks/cluster:Cluster", outputs, CLUSTER, CLUSTER | {"version": "1.36"})
    assert (updated["endpoint"], updated["version"]) == (SERVER, "1.36")


def test_a_cluster_of_aws_leads_to_the_sandbox(aws: Provider) -> None:
    _, made = aws.create("aws:eks/cluster:Cluster", CLUSTER)
    found, _ = aws.invoke("aws:eks/getCluster:getCluster", {"name": "dev"})
    assert (made["endpoint"], made["certificateAuthority"]) == (SERVER, {"data": AUTHORITY})
    assert (found["endpoint"], found["certificateAuthorities"]) == (SERVER, [{"data": AUTHORITY}])


def test_a_cluster_of_google_leads_to_the_sandbox(gcp: Provider) -> None:
    _, made = gcp.create("gcp:container/cluster:Cluster", {"location": "us-central1"})
    found, _ = gcp.invoke("gcp:container/getCluster:getCluster", {"name": "dev", "location": "us-central1"})
    assert (f"https://{made['endpoint']}", made["masterAuth"]["clusterCaCertificate"]) == (SERVER, AUTHORITY)
    assert (f"https://{found['endpoint']}", found["masterAuths"][0]["clusterCaCertificate"]) == (SERVER, AUTHORITY)


def test_azures_credentials_lead_to_the_sandbox(azure: Provider) -> None:
    answer, _ = azure.invoke(
        "azure-native:containerservice:listManagedClusterUserCredentials", {"resourceGroupName": "dev", "resourceName": "dev"}
    )
    kubeconfig = json.loads(base64.b64decode(answer["kubeconfigs"][0]["value"]))
    assert kubeconfig["clusters"][0]["cluster"] == {"server": SERVER, "certificate-authority-data": AUTHORITY}


def test_a_question_without_a_recorded_answer_is_refused(aws: Provider) -> None:
    with pytest.raises(Refused, match="no recorded answer of aws:eks/getClusters:getClusters"):
        aws.invoke("aws:eks/getClusters:getClusters", {})


def test_a_node_group_that_nobody_made_is_not_found(aws: Provider) -> None:
    with pytest.raises(Refused, match="couldn't find resource"):
        aws.invoke("aws:eks/getNodeGroup:getNodeGroup", {"clusterName": "dev", "nodeGroupName": "l4"})


def test_a_refresh_sees_what_changed_behind_pulumis_back(aws: Provider, directory: Path) -> None:
    drift(directory, gpu={"scalingConfig": {"desiredSize": 2}})
    inputs, outputs = aws.read(NODE_GROUP, GROUP, GROUP)
    assert inputs["scalingConfig"] == outputs["scalingConfig"] == {"desiredSize": 2, "maxSize": 2, "minSize": 0}


def test_every_step_is_written_down_in_order_and_no_secret(aws: Provider, directory: Path) -> None:
    aws.create(NODE_GROUP, NAMED | {"nodeRoleArn": Secret("hunter2")}, preview=True)
    aws.create(NODE_GROUP, NAMED)
    entries = Ledger(directory / "steps.jsonl").entries()
    assert [(entry.step, entry.name, entry.preview) for entry in entries] == [("create", "gpu", True), ("create", "gpu", False)]
    assert entries[0].arguments == NAMED | {"nodeRoleArn": "[secret]"}
    assert "hunter2" not in (directory / "steps.jsonl").read_text()


@pytest.mark.parametrize("token", sorted(REPLACES))
def test_the_table_of_what_replaces_names_arguments_that_there_are(token: str) -> None:
    top = {path.partition(".")[0] for path in REPLACES[token].arguments}
    assert top - sdk.resource(token).arguments.keys() == set()


@pytest.mark.parametrize(("package", "token"), [(package, token) for package, cloud in CLOUDS.items() for token in cloud.answers])
def test_recorded_answers_have_the_types_of_the_sdk(package: str, token: str, environment: dict[str, str], directory: Path) -> None:
    provider = Provider(package, environment)
    # Of what was made, one that is asked for by its name.
    Ledger(directory / "steps.jsonl").note("create", NODE_GROUP, "gpu", GROUP | {"nodeGroupName": "dev"})
    needed = {name: "dev" for name, field in sdk.function(token).arguments.items() if field.required}
    answer, problems = provider.invoke(token, needed)
    assert (problems, check(answer, sdk.function(token).results)) == ({}, [])


@pytest.mark.parametrize(
    ("package", "token", "arguments"),
    [
        ("aws", NODE_GROUP, NAMED),
        ("aws", "aws:eks/cluster:Cluster", CLUSTER),
        ("gcp", NODE_POOL, {"cluster": "dev", "name": "l4"}),
        ("gcp", "gcp:container/cluster:Cluster", {"location": "us-central1"}),
        ("azure-native", AGENT_POOL, POOL | {"agentPoolName": "l4"}),
        ("azure-native", "azure-native:containerservice:ManagedCluster", POOL),
    ],
)
def test_what_a_cloud_fills_in_has_the_types_of_the_sdk(package: str, token: str, arguments: dict, environment: dict[str, str]) -> None:
    _, outputs = Provider(package, environment).create(token, arguments)
    own = {name: value for name, value in outputs.items() if not name.startswith("__") and name not in arguments}
    assert check(own, {name: sdk.resource(token).results[name] for name in own}) == []
