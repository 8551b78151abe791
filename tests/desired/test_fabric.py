"""What joins the pods of a group: adapters and huge pages, on nodes that have them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import yaml

from headroom.desired.objects import Object
from headroom.desired.pools.kwok import kwok_nodes
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Pool
from tests.desired.stacks import desired
from tests.desired.test_eks import TAG, group
from tests.evidence import Proof

EFA, PAGES = "vpc.amazonaws.com/efa", "hugepages-2Mi"
JOINED: dict[str, Any] = {"machine": "p5.48xlarge", "interconnect": True, "zones": ["us-west-2a"]}


def held(stack: str, server: str) -> list[Object]:
    """What the containers of leader and workers ask for."""
    (found,) = [one for one in desired(stack).servers if one.name == server]
    template = found.objects["workload"]["spec"]["leaderWorkerTemplate"]
    return [template[which]["spec"]["containers"][0]["resources"] for which in ("leaderTemplate", "workerTemplate")]


@pytest.mark.proves("servers on several nodes of EKS ask for Elastic Fabric Adapters", Proof.SCHEMA)
def test_leader_and_workers_ask_for_all_adapters_of_their_nodes_and_for_their_buffers() -> None:
    for container in held("prod-eks", "llama-405b"):
        for kind in ("requests", "limits"):
            assert (container[kind][EFA], container[kind][PAGES]) == ("32", "5120Mi")


@pytest.mark.parametrize("stack", ["prod-gke", "prod-aks"])
def test_other_clouds_have_none(stack: str) -> None:
    assert not [each for each in held(stack, "llama-405b") if EFA in each["limits"]]


def test_the_plugin_runs_where_servers_run() -> None:
    (release,) = desired("prod-eks").platform["efa"].releases
    assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in release.values["tolerations"]


def test_a_group_of_no_nodes_promises_what_its_pods_ask_for() -> None:
    tags = group(**JOINED).tags
    assert (tags[f"{TAG}/resources/{EFA}"], tags[f"{TAG}/resources/{PAGES}"]) == ("32", "10256Mi")
    assert f"{TAG}/resources/{EFA}" not in group(machine="p5.48xlarge").tags


def test_processes_of_any_user_may_lock_the_buffers_of_adapters() -> None:
    told = base64.b64decode(group(**JOINED, disk={"fast": True}).template["user_data"]).decode()
    spec = yaml.safe_load(told.split("---\n")[1].split("\n--")[0])["spec"]
    limits = {limit["type"]: limit["hard"] for limit in spec["containerd"]["baseRuntimeSpec"]["process"]["rlimits"]}
    assert limits == {"RLIMIT_NOFILE": 1048576, "RLIMIT_MEMLOCK": 2**44}
    assert spec["featureGates"] == {"FastImagePull": True}


def test_bottlerocket_sets_its_limits_itself() -> None:
    assert "user_data" not in group(nodes="bottlerocket", **JOINED).template


def test_nodes_of_the_sandbox_have_the_adapters_of_their_machine() -> None:
    (node,) = kwok_nodes("local", "h100", Pool.model_validate({**JOINED, "max": 1}), MigStrategy.SINGLE, scaled=False)
    assert (node["status"]["allocatable"][EFA], node["status"]["allocatable"][PAGES]) == ("32", "10256Mi")
