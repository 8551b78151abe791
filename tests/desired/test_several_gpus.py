"""A replica on several GPUs, and on several nodes: what starts where, who is asked and scraped, and what is prepared once for all."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.desired.objects import Object
from tests.desired.stacks import container
from tests.settings.stack_files import DEMO, accepted, changed

EIGHT = {"tensor": 4, "pipeline": 2, "nodes": 2}
LEADER = {"app.kubernetes.io/name": "tensorrt-llm", "app.kubernetes.io/instance": "demo", "app.kubernetes.io/component": "leader"}


def server(directory: Path, **settings: Any) -> dict[str, Object]:
    """The objects by role of a server in a stack with machines of one GPU, and of four."""
    usual = {
        "engine": "tensorrt-llm",
        "image": "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3",
        "model": "meta-llama/Llama-3.1-8B",
        "gpuProducts": ["NVIDIA-L4"],
        "cache": {"storageClass": "efs"},
        "pool": "l4",
        "autoscaling": {"backend": "hpa", "replicas": {"max": 2}, "signals": {"requests-running": 2}},
    }
    machines = {"l4": "g6.2xlarge", "l4x4": "g6.12xlarge", "a10g": "g5.xlarge"}
    text = changed(
        ("headroom:pools", {name: {"machine": machine, "max": 6} for name, machine in machines.items()}),
        ("headroom:platform/lws", "existing"),
        (DEMO, {**usual, **settings}),
        ("headroom:credentials", {"huggingface": {"secure": "v1:a:b"}}),
    )
    (only,) = render(accepted(directory, text)).servers
    return dict(only.objects)


def several(directory: Path, parallelism: dict[str, Any], gpus: int) -> dict[str, Object]:
    return server(directory, parallelism=parallelism, gpus=gpus, pool="l4x4")


@pytest.fixture(scope="module")
def on_four(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Object]:
    return several(tmp_path_factory.mktemp("four"), {"tensor": 4}, 4)


@pytest.fixture(scope="module")
def on_nodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Object]:
    return several(tmp_path_factory.mktemp("nodes"), EIGHT, 4)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Object]:
    return server(tmp_path_factory.mktemp("alone"))


def ranks(pod: Object) -> list[list[str]]:
    """The words of each rank, those before the first separator with what is for all of them."""
    (only,) = pod["containers"]
    return [list(words) for rank, words in groupby(only["args"], lambda word: word != ":") if rank]


def template(workload: Object, which: str) -> Object:
    return workload["spec"]["leaderWorkerTemplate"][f"{which}Template"]


def test_on_one_gpu_the_server_is_the_process(alone: dict[str, Object]) -> None:
    assert container(alone["workload"])["command"] == ["tritonserver"]


def test_on_several_gpus_each_has_a_process_and_the_first_alone_serves(tmp_path: Path) -> None:
    workload = several(tmp_path, {"tensor": 2, "pipeline": 2}, 4)["workload"]
    assert container(workload)["command"] == ["mpirun"]
    first, *others = ranks(workload["spec"]["template"]["spec"])
    assert [rank[:3] for rank in (first, *others)] == [["-n", "1", "tritonserver"]] * 4
    assert [next(word for word in rank if word.startswith("--id=")) for rank in (first, *others)] == [f"--id=rank{n}" for n in range(4)]
    assert "--http-port=8000" in first
    assert all({"--allow-http=false", "--allow-grpc=false", "--allow-metrics=false"} <= set(rank) for rank in others)


def test_processes_do_not_share_the_memory_regions_of_their_python_models(on_four: dict[str, Object]) -> None:
    found = ranks(on_four["workload"]["spec"]["template"]["spec"])
    prefixes = [word for rank in found for word in rank if "shm-region-prefix-name" in word]
    assert len(set(prefixes)) == 4


def test_nobody_runs_as_root_so_mpi_need_not_allow_it(on_four: dict[str, Object]) -> None:
    pod = on_four["workload"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert "--allow-run-as-root" not in pod["containers"][0]["args"]


def test_shared_memory_is_in_the_container_that_serves_and_grows_with_the_gpus(on_four: dict[str, Object]) -> None:
    pod = on_four["workload"]["spec"]["template"]["spec"]
    (volume,) = [item for item in pod["volumes"] if item["name"] == "shared-memory"]
    assert volume["emptyDir"] == {"medium": "Memory", "sizeLimit": "4Gi"}
    assert {"name": "shared-memory", "mountPath": "/dev/shm"} in pod["containers"][0]["volumeMounts"]


def test_replicas_and_their_preparation_run_on_the_named_kind_of_gpu(alone: dict[str, Object]) -> None:
    objects = alone
    wanted = {"matchExpressions": [{"key": "nvidia.com/gpu.product", "operator": "In", "values": ["NVIDIA-L4"]}]}
    for role in ("workload", "preparation"):
        required = objects[role]["spec"]["template"]["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert required == {"nodeSelectorTerms": [wanted]}


def test_the_token_of_hugging_face_is_under_its_own_key(alone: dict[str, Object]) -> None:
    objects = alone
    assert objects["secret-hf-model-pull"]["stringData"].keys() == {"password"}
    mounts = {mount["mountPath"] for mount in container(objects["preparation"])["volumeMounts"]}
    assert "/var/run/secrets/hugging_face/password" in mounts


@pytest.mark.parametrize(
    "change",
    [
        {"model": "meta-llama/Llama-3.1-70B"},
        {"options": {"dtype": "bfloat16"}},
        {"options": {"maxBatchSize": 16}},
        {"gpuProducts": ["NVIDIA-A10G"], "pool": "a10g"},
        # Its version is the engine's: a file of one TensorRT is no other's.
        {"image": "nvcr.io/nvidia/tritonserver:25.06-trtllm-python-py3"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_an_engine_is_made_from_makes_another_one(change: dict[str, Any], tmp_path: Path) -> None:
    before, after = server(tmp_path), server(tmp_path, **change)
    assert before["preparation"]["metadata"]["name"] != after["preparation"]["metadata"]["name"]
    assert repository(before) != repository(after)


def test_a_split_over_gpus_makes_another_engine(tmp_path: Path) -> None:
    assert repository(several(tmp_path, {"tensor": 4}, 4)) != repository(several(tmp_path, {"tensor": 2, "pipeline": 2}, 4))


def test_what_an_engine_is_not_made_from_leaves_it(tmp_path: Path) -> None:
    before, after = server(tmp_path), server(tmp_path, drain="5m", resources={"cpu": "3", "memory": "9Gi"})
    assert before["preparation"]["metadata"]["name"] == after["preparation"]["metadata"]["name"]
    assert repository(before) == repository(after)


def test_a_replica_only_reads_what_was_prepared(alone: dict[str, Object]) -> None:
    pod = alone["workload"]["spec"]["template"]["spec"]
    assert "initContainers" not in pod
    assert "trtllm-build" not in str(pod)


def repository(objects: dict[str, Object]) -> str:
    arguments = container(objects["workload"])["args"]
    return next(word for word in arguments if word.startswith("--model-repository="))


def test_a_replica_on_several_nodes_is_a_group_of_pods(on_nodes: dict[str, Object]) -> None:
    workload = on_nodes["workload"]
    assert (workload["apiVersion"], workload["kind"]) == ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet")
    assert "replicas" not in workload["spec"]
    assert workload["spec"]["leaderWorkerTemplate"]["size"] == 2
    assert workload["spec"]["leaderWorkerTemplate"]["restartPolicy"] == "RecreateGroupOnPodRestart"


def test_a_group_is_placed_together_where_that_is_asked_for(tmp_path: Path, on_nodes: dict[str, Object]) -> None:
    split = {"tensor": 4, "pipeline": 2, "nodes": 2, "topology": "example.com/rack"}
    made = several(tmp_path, split, 4)["workload"]["metadata"]
    assert made["annotations"] == {"leaderworkerset.sigs.k8s.io/exclusive-topology": "example.com/rack"}
    assert "annotations" not in on_nodes["workload"]["metadata"]


def test_all_pods_of_a_group_wait_for_the_gang_scheduler_that_is_named(tmp_path: Path, on_nodes: dict[str, Object]) -> None:
    gang = several(tmp_path, {"tensor": 4, "pipeline": 2, "nodes": 2, "gang": "volcano"}, 4)
    pods = [template(objects["workload"], which)["spec"] for objects in (gang, on_nodes) for which in ("leader", "worker")]
    assert [pod.get("schedulerName") for pod in pods] == ["volcano", "volcano", None, None]


def test_every_pod_of_a_group_has_its_share_of_the_gpus(on_nodes: dict[str, Object]) -> None:
    workload = on_nodes["workload"]
    gpus = [template(workload, which)["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] for which in ("leader", "worker")]
    assert gpus == ["4", "4"]


def test_the_leader_starts_the_ranks_of_all_its_pods(on_nodes: dict[str, Object]) -> None:
    leader = template(on_nodes["workload"], "leader")["spec"]
    arguments = leader["containers"][0]["args"]
    assert arguments[arguments.index("--host") + 1] == "$(POD_NAME):4,$(POD_NAME)-1:4"
    assert len(ranks(leader)) == 8
    assert leader["containers"][0]["env"][0] == {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}


def test_only_leaders_are_asked_scraped_and_counted_for_disruptions(on_nodes: dict[str, Object]) -> None:
    objects = on_nodes
    assert objects["service"]["spec"]["selector"] == LEADER
    assert objects["monitor"]["spec"]["selector"]["matchLabels"] == LEADER
    assert objects["disruption-budget"]["spec"]["selector"]["matchLabels"] == LEADER
    assert LEADER.items() <= template(objects["workload"], "leader")["metadata"]["labels"].items()
    assert not LEADER.items() <= template(objects["workload"], "worker")["metadata"]["labels"].items()


def test_the_autoscaler_counts_groups(on_nodes: dict[str, Object]) -> None:
    target = on_nodes["autoscaler"]["spec"]["scaleTargetRef"]
    assert target == {"apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet", "name": "demo"}


def test_a_leader_may_start_processes_in_its_own_workers_and_nowhere_else(on_nodes: dict[str, Object]) -> None:
    objects = on_nodes
    named = {tuple(rule["resources"]): (rule["verbs"], rule["resourceNames"]) for rule in objects["reach"]["rules"]}
    workers = ["demo-0-1", "demo-1-1", "demo-2-1"]
    assert named == {("pods",): (["get"], workers), ("pods/exec",): (["create"], workers)}


def test_only_a_leader_has_a_token_of_the_cluster(on_nodes: dict[str, Object]) -> None:
    workload = on_nodes["workload"]
    tokens = [template(workload, which)["spec"]["automountServiceAccountToken"] for which in ("leader", "worker")]
    assert tokens == [True, False]


def test_a_server_on_one_node_reaches_nothing(alone: dict[str, Object]) -> None:
    assert not {"reach", "reach-binding", "launch"} & alone.keys()
