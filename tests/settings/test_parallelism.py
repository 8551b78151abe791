"""What must fit where a replica spans several GPUs or nodes, and where what it runs fits one kind of GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.settings.stack_files import DEMO, accepted, changed, problems

SERVER = {
    "engine": "tensorrt-llm",
    "image": "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3",
    "pool": "l4x4",
    "gpus": 4,
    "gpuProducts": ["NVIDIA-L4"],
    "model": "meta-llama/Llama-3.1-70B",
    "cache": "engines",
    "autoscaling": {"backend": "hpa", "replicas": {"max": 2}, "signals": {"requests-running": 2}},
}


def stack(*changes: tuple[str, Any], **server: Any) -> str:
    """Four machines of four GPUs each."""
    pools = {"l4x4": {"machine": "g6.12xlarge", "max": 4}}
    return changed(("headroom:pools", pools), ("headroom:platform/lws", "existing"), (DEMO, {**SERVER, **server}), *changes)


def test_a_split_over_parts_of_gpus_is_refused_even_where_each_node_gives_one(tmp_path: Path) -> None:
    shared = {"machine": "g6.12xlarge", "max": 4, "sharing": {"mode": "time-slicing", "replicas": 2}}
    split = stack(("headroom:pools/l4x4", shared), gpus=1, gpuProducts=["NVIDIA-L4-SHARED"], parallelism={"tensor": 2, "nodes": 2})
    assert problems(tmp_path, split) == {
        "servers.demo.parallelism": "the GPUs of pool l4x4 are shared (time-slicing) and a replica on several GPUs needs whole ones: "
        "choose another pool"
    }


def test_a_split_over_the_gpus_of_a_node_is_accepted(tmp_path: Path) -> None:
    assert accepted(tmp_path, stack(parallelism={"tensor": 2, "pipeline": 2})).servers["demo"].parallelism.gpus == 4


def test_gpus_are_the_product_of_the_split(tmp_path: Path) -> None:
    assert problems(tmp_path, stack(parallelism={"tensor": 2})) == {
        "servers.demo.gpus": "must be 2: tensor × pipeline is 2 GPUs on 1 node(s)"
    }


def test_nodes_share_a_split_evenly(tmp_path: Path) -> None:
    found = problems(tmp_path, stack(parallelism={"tensor": 4, "nodes": 3}))
    assert found == {"servers.demo.parallelism": "tensor × pipeline is 4, which 3 nodes cannot share evenly"}


def test_a_replica_takes_a_machine_for_each_of_its_nodes(tmp_path: Path) -> None:
    split = {"tensor": 4, "pipeline": 2, "nodes": 2}
    path = f"{DEMO}/autoscaling/replicas/max"
    assert accepted(tmp_path, stack((path, 1), parallelism=split)).servers["demo"].parallelism.nodes == 2
    message = problems(tmp_path, stack((path, 3), parallelism=split))["servers.demo.autoscaling.replicas.max"]
    assert message.startswith("the pool holds 2 of them at its largest")


def test_replicas_on_several_nodes_need_their_controller(tmp_path: Path) -> None:
    text = stack(("headroom:platform/lws", "none"), (f"{DEMO}/autoscaling/replicas/max", 1), parallelism={"tensor": 8, "nodes": 2})
    assert problems(tmp_path, text) == {
        "servers.demo.parallelism.nodes": "replicas on several nodes are LeaderWorkerSets, whose controller is not there: "
        "say platform.lws: helm, or existing where the cluster has it"
    }


def test_an_engine_that_stays_on_one_gpu_refuses_a_split(tmp_path: Path) -> None:
    text = changed((f"{DEMO}/parallelism", {"tensor": 2}))
    assert (
        problems(tmp_path, text)["servers.demo.parallelism"] == "Triton Inference Server serves a model on one GPU: leave parallelism out"
    )


def test_the_pools_gpu_is_one_of_those_that_are_named(tmp_path: Path) -> None:
    assert problems(tmp_path, stack(gpuProducts=["NVIDIA-A10G"])) == {
        "servers.demo.gpuProducts": "a g6.12xlarge has NVIDIA-L4: name it, or choose another pool"
    }


def test_what_is_built_for_one_kind_of_gpu_names_it(tmp_path: Path) -> None:
    message = problems(tmp_path, stack(gpuProducts=[]))["servers.demo.gpuProducts"]
    assert message.startswith("must name one kind of GPU")


def test_a_gang_scheduler_is_for_replicas_on_several_nodes(tmp_path: Path) -> None:
    (message,) = problems(tmp_path, stack(parallelism={"tensor": 4, "gang": "volcano"})).values()
    assert message.startswith("gang says who places the pods of a replica together, and there is one")


def test_a_gang_scheduler_and_a_topology_exclude_each_other(tmp_path: Path) -> None:
    split = {"tensor": 8, "nodes": 2, "gang": "volcano", "topology": "example.com/rack"}
    (message,) = problems(tmp_path, stack((f"{DEMO}/autoscaling/replicas/max", 1), parallelism=split)).values()
    assert message == "gang and topology wait for each other for ever: leave one of them out"


@pytest.mark.parametrize("controller", [{"mode": "helm", "gang": "volcano"}, "existing"])
def test_a_gang_scheduler_is_taken_where_the_controller_knows_it(tmp_path: Path, controller: Any) -> None:
    split = {"tensor": 8, "nodes": 2, "gang": "volcano"}
    accepted(tmp_path, stack(("headroom:platform/lws", controller), (f"{DEMO}/autoscaling/replicas/max", 1), parallelism=split))


def test_the_controller_is_told_of_the_gang_scheduler_too(tmp_path: Path) -> None:
    split = {"tensor": 8, "nodes": 2, "gang": "volcano"}
    text = stack(("headroom:platform/lws", "helm"), (f"{DEMO}/autoscaling/replicas/max", 1), parallelism=split)
    assert problems(tmp_path, text)["servers.demo.parallelism.gang"] == (
        "volcano places groups that have a PodGroup, and the controller is not told to make them: say platform.lws.gang: volcano"
    )


def test_a_topology_is_for_replicas_on_several_nodes(tmp_path: Path) -> None:
    (message,) = problems(tmp_path, stack(parallelism={"tensor": 4, "topology": "example.com/rack"})).values()
    assert message.startswith("topology says where the nodes of a replica are, and there is one")
