"""Shared GPUs: what the sandbox's nodes offer, and what pods ask for, are the same thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import Desired, render
from headroom.desired.objects import Object
from tests.settings.stack_files import DEMO, accepted, changed

MIG = {"mode": "mig", "profile": "1g.10gb"}
SLICED = {"mode": "time-slicing", "replicas": 4}
OFFERED = [
    pytest.param({}, "single", "nvidia.com/gpu", "8", id="whole"),
    pytest.param(MIG, "single", "nvidia.com/gpu", "56", id="mig-single"),
    pytest.param(MIG, "mixed", "nvidia.com/mig-1g.10gb", "56", id="mig-mixed"),
    pytest.param(SLICED, "mixed", "nvidia.com/gpu", "32", id="time-slicing"),
    pytest.param({**SLICED, "renamed": True}, "single", "nvidia.com/gpu.shared", "32", id="time-slicing-renamed"),
    pytest.param({"mode": "mps", "replicas": 10}, "single", "nvidia.com/gpu", "80", id="mps"),
]


def stack(directory: Path, sharing: dict[str, Any], strategy: str = "single", *changes: tuple[str, Any]) -> Desired:
    pool = {"machine": "p4de.24xlarge", "max": 2, "warm": 1, "sharing": sharing}
    platform = {"gpuOperator": {"migStrategy": strategy}}
    return render(accepted(directory, changed(("headroom:pools/l4", pool), ("headroom:platform", platform), *changes)))


def devices(resources: Object) -> dict[str, str]:
    return {key: value for key, value in resources.items() if key.startswith("nvidia.com/")}


def asked(workload: Object) -> Iterator[dict[str, str]]:
    """What each container of a pod asks for, as a request and as a limit."""
    for container in workload["spec"]["template"]["spec"]["containers"]:
        yield from (devices(container["resources"][kind]) for kind in ("requests", "limits"))


@pytest.mark.parametrize(("sharing", "strategy", "resource", "count"), OFFERED)
def test_a_node_has_the_devices_that_its_pools_sharing_makes(
    tmp_path: Path, sharing: dict[str, Any], strategy: str, resource: str, count: str
) -> None:
    for node in stack(tmp_path, sharing, strategy).pools["l4"]:
        assert devices(node["status"]["capacity"]) == devices(node["status"]["allocatable"]) == {resource: count}


@pytest.mark.parametrize(("sharing", "strategy", "resource", "count"), OFFERED)
def test_replicas_and_placeholders_ask_for_what_the_nodes_have(
    tmp_path: Path, sharing: dict[str, Any], strategy: str, resource: str, count: str
) -> None:
    desired = stack(tmp_path, sharing, strategy)
    for workload in (desired.servers[0].objects["workload"], desired.shared["warm-pool-l4"]):
        assert list(asked(workload)) == [{resource: "1"}, {resource: "1"}]


def test_a_preparation_that_computes_asks_for_the_same_as_its_server(tmp_path: Path) -> None:
    server = {
        "engine": "tensorrt-llm",
        "image": "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3",
        "pool": "l4",
        "gpuProducts": ["NVIDIA-A100-SXM4-80GB"],
        "cache": {"claim": "engines"},
        "model": "openai-community/gpt2",
        "options": {"family": "gpt"},
        "autoscaling": {"replicas": {"max": 4}, "signals": {"requests-waiting": 2}},
    }
    objects = stack(tmp_path, MIG, "mixed", (DEMO, server)).servers[0].objects
    assert list(asked(objects["preparation"])) == list(asked(objects["workload"])) == [{"nvidia.com/mig-1g.10gb": "1"}] * 2


@pytest.mark.parametrize(
    ("sharing", "strategy", "labels"),
    [
        (MIG, "single", {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", "nvidia.com/mig.config": "all-1g.10gb"}),
        (MIG, "mixed", {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", "nvidia.com/mig.config": "all-1g.10gb"}),
        (
            SLICED,
            "single",
            {
                "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB-SHARED",
                "nvidia.com/device-plugin.config": "time-slicing-4",
                "nvidia.com/gpu.replicas": "4",
                "nvidia.com/gpu.sharing-strategy": "time-slicing",
            },
        ),
    ],
)
def test_a_node_is_labelled_as_its_pool_is_told_and_as_feature_discovery_answers(
    tmp_path: Path, sharing: dict[str, Any], strategy: str, labels: dict[str, str]
) -> None:
    own = stack(tmp_path, sharing, strategy).pools["l4"][0]["metadata"]["labels"]
    of_gpus = {key: value for key, value in own.items() if key.startswith("nvidia.com/") and key != "nvidia.com/gpu.present"}
    assert of_gpus == labels


def test_a_nodes_label_chooses_a_configuration_that_the_operator_has(tmp_path: Path) -> None:
    pool = {"machine": "g6.2xlarge", "max": 5, "sharing": {**SLICED, "renamed": True}}
    desired = render(accepted(tmp_path, changed(("headroom:pools/l4", pool), ("headroom:platform", {"gpuOperator": "helm"}))))
    label = desired.pools["l4"][0]["metadata"]["labels"]["nvidia.com/device-plugin.config"]
    assert label in desired.platform["gpuOperator"].objects["sharing"]["data"]


@pytest.mark.parametrize(("distribution", "asked_for"), [("eks", True), ("gke", False)])
def test_a_kind_of_gpu_is_asked_for_where_nodes_say_theirs_and_follows_from_the_pool_elsewhere(
    tmp_path: Path, distribution: str, asked_for: bool
) -> None:
    """GKE's own GPU stack has no GPU Feature Discovery."""
    cluster = ("headroom:cluster", {"provider": "existing", "name": "prod", "distribution": distribution})
    desired = render(accepted(tmp_path, changed(cluster, (f"{DEMO}/gpuProducts", ["NVIDIA-L4"]))))
    pod = desired.servers[0].objects["workload"]["spec"]["template"]["spec"]
    assert ("affinity" in pod, pod["nodeSelector"]) == (asked_for, {"headroom.dev/pool": "l4"})
