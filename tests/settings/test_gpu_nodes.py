"""What GPU nodes bring on each kind of cluster: nothing is installed a second time, and nothing that cannot be is promised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.distributions import DISTRIBUTIONS
from headroom.catalog.gpu_nodes import GPU_NODES
from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed, problems, without

OPERATOR = "headroom:platform/gpuOperator"
A100 = "headroom:pools/a100"
MIG = {"mode": "mig", "profile": "1g.10gb"}


def on(distribution: str, *changes: tuple[str, Any]) -> str:
    return changed(("headroom:cluster", {"provider": "existing", "name": "prod", "distribution": distribution}), *changes)


def shared(sharing: dict[str, Any]) -> tuple[str, Any]:
    return (A100, {"machine": "p4de.24xlarge", "max": 1, "sharing": sharing})


def test_every_kind_of_cluster_has_gpu_nodes() -> None:
    assert set(GPU_NODES) == set(DISTRIBUTIONS)


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        ("eks-auto", "EKS Auto Mode runs driver and device plugin itself: set gpuOperator: existing"),
        (
            "gke",
            "GKE runs driver and device plugin itself, and a second device plugin would hand out the same GPUs: set gpuOperator: existing; "
            "or create the node pools with gpu-driver-version=disabled and the label gke-no-default-nvidia-gpu-device-plugin=true, and set "
            "nodes: preinstalled or driverless",
        ),
    ],
)
@pytest.mark.proves("a second device plugin is refused before anything is touched", Proof.SCHEMA)
def test_a_second_device_plugin_is_refused_with_what_to_do(tmp_path: Path, distribution: str, message: str) -> None:
    assert problems(tmp_path, on(distribution, (OPERATOR, "helm"))) == {"platform.gpuOperator": message}


@pytest.mark.parametrize(("distribution", "nodes"), [(name, kind) for name, kinds in GPU_NODES.items() for kind in kinds if name != "kwok"])
def test_every_kind_of_node_of_a_cluster_may_be_named(tmp_path: Path, distribution: str, nodes: str) -> None:
    stack = accepted(tmp_path, on(distribution, (OPERATOR, {"mode": "existing", "nodes": str(nodes)})))
    assert stack.platform.gpu_operator.nodes == nodes


def test_a_kind_of_node_that_the_cluster_has_not_is_answered_with_those_that_it_has(tmp_path: Path) -> None:
    assert problems(tmp_path, on("aks", (OPERATOR, {"mode": "helm", "nodes": "bottlerocket"}))) == {
        "platform.gpuOperator.nodes": "is not how GPU nodes come on Azure AKS; allowed: preinstalled (AKS installs driver and container "
        "toolkit); driverless (node pools created with --gpu-driver none, nodes without a driver: the operator brings everything); managed "
        "(AKS-managed GPU node pools: driver, device plugin and DCGM)"
    }


def test_a_kind_of_node_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, on("eks", (OPERATOR, {"mode": "helm", "nodes": "al2023"})))
    assert found == {"platform.gpuOperator.nodes": "allowed: driverless, preinstalled, bottlerocket, managed"}


def test_servers_need_somebody_to_make_gpus_known(tmp_path: Path) -> None:
    assert problems(tmp_path, on("eks", (OPERATOR, "none"))) == {
        "platform.gpuOperator": "servers ask for GPUs, which nobody makes known to the scheduler: set existing where the cluster or its "
        "cloud does it, or helm"
    }


def test_a_device_plugin_that_knows_one_strategy_is_not_asked_for_the_other(tmp_path: Path) -> None:
    found = problems(tmp_path, on("eks", (OPERATOR, {"nodes": "bottlerocket", "migStrategy": "mixed"})))
    assert found == {
        "platform.gpuOperator.migStrategy": "the device plugin of bottlerocket nodes on Amazon EKS knows single only: set it to "
        "single, or nodes to what they are"
    }


@pytest.mark.parametrize("sharing", [MIG, {"mode": "time-slicing", "replicas": 2}, {"mode": "mps", "replicas": 2}], ids=lambda s: s["mode"])
def test_a_device_plugin_with_nothing_to_set_shares_nothing(tmp_path: Path, sharing: dict[str, Any]) -> None:
    assert problems(tmp_path, on("eks-auto", shared(sharing))) == {
        "pools.a100.sharing.mode": "managed nodes on Amazon EKS Auto Mode cannot be told to share GPUs so; allowed: none"
    }


def test_a_share_has_another_name_only_where_the_device_plugin_gives_it_one(tmp_path: Path) -> None:
    renamed = shared({"mode": "time-slicing", "replicas": 2, "renamed": True})
    assert accepted(tmp_path, on("eks", renamed))
    assert problems(tmp_path, on("gke", renamed)) == {
        "pools.a100.sharing.renamed": "managed nodes on Google GKE call a share nvidia.com/gpu: leave renamed out"
    }


@pytest.mark.parametrize("distribution", ["eks", "gke", "aks", "other"])
def test_gpus_are_shared_on_every_other_kind_of_cluster(tmp_path: Path, distribution: str) -> None:
    assert accepted(tmp_path, on(distribution, shared(MIG))).pools["a100"].sharing.profile == "1g.10gb"


def test_kinds_of_gpu_are_not_asked_of_nodes_that_do_not_say_them(tmp_path: Path) -> None:
    named = (f"{DEMO}/gpuProducts", ["NVIDIA-L4"])
    assert accepted(tmp_path, on("gke", named))
    assert problems(tmp_path, without(f"{DEMO}/pool", on("gke", named))) == {
        "servers.demo.gpuProducts": "managed nodes on Google GKE have no label that says it (GPU Feature Discovery's), so no node would "
        "fit: describe them as a pool, and name the pool"
    }
    assert accepted(tmp_path, without(f"{DEMO}/pool", on("eks", named)))
