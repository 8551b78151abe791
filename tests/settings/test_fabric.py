"""Servers on several nodes that Elastic Fabric Adapters join: what of them is refused, and how many replicas fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.settings.capacity import Room, per_node
from headroom.settings.pool import Pool
from tests.settings.stack_files import DEMO, accepted, changed, problems

EKS = {"provider": "eks", "name": "c", "region": "us-west-2"}


def stack(*, cluster: dict[str, Any] = EKS, pool: dict[str, Any] | None = None, **settings: Any) -> str:
    """A server on two nodes of four GPUs each, which have one adapter."""
    server = {
        "engine": "tensorrt-llm",
        "image": "registry.example.com/trtllm:1",
        "version": "25.05-trtllm-python-py3",
        "model": "meta-llama/Llama-3.1-8B",
        "gpuProducts": ["NVIDIA-L4"],
        "cache": {"storageClass": "efs"},
        "pool": "l4",
        "gpus": 4,
        "parallelism": {"tensor": 4, "pipeline": 2, "nodes": 2},
        "autoscaling": {"replicas": {"max": 1}, "signals": {"requests-running": 2}},
        **settings.pop("server", {}),
    }
    joined = {"machine": "g6.12xlarge", "max": 4, "interconnect": True, "zones": ["us-west-2a"], **(pool or {})}
    return changed(
        ("headroom:cluster", cluster),
        ("headroom:pools", {"l4": joined}),
        ("headroom:platform", {"lws": "existing", "clusterAutoscaler": "existing", **settings}),
        (DEMO, server),
    )


def test_adapters_that_nothing_counts_are_asked_for_in_vain(tmp_path: Path) -> None:
    assert "a device plugin counts, and none is there: say helm" in problems(tmp_path, stack())["platform.efa"]


@pytest.mark.parametrize("mode", ["helm", "existing"])
def test_a_device_plugin_is_enough(tmp_path: Path, mode: str) -> None:
    assert accepted(tmp_path, stack(efa=mode))


@pytest.mark.parametrize(
    ("pool", "server"),
    [({"interconnect": False}, {}), ({}, {"parallelism": {"tensor": 4}})],
    ids=["plain network", "one node"],
)
def test_who_needs_no_adapters_needs_no_plugin(tmp_path: Path, pool: dict[str, Any], server: dict[str, Any]) -> None:
    assert accepted(tmp_path, stack(pool=pool, server=server))


def test_a_part_of_an_adapter_cannot_be_had(tmp_path: Path) -> None:
    halves = {"gpus": 2, "parallelism": {"tensor": 2, "pipeline": 2, "nodes": 2}}
    refused = problems(tmp_path, stack(efa="helm", server=halves))
    assert "have no whole number of its 1 Elastic Fabric Adapters" in refused["servers.demo.gpus"]


def test_the_plugin_is_installed_on_eks_alone(tmp_path: Path) -> None:
    elsewhere = {"provider": "existing", "name": "c"}
    assert "is installed on Amazon EKS alone" in problems(tmp_path, stack(cluster=elsewhere, efa="helm"))["platform.efa"]


def test_memory_that_is_set_apart_for_adapters_holds_no_pod() -> None:
    room = Room(4, "1", "184Gi")
    fits = {joined: per_node(Pool(machine="g6.12xlarge", max=1, interconnect=joined), room) for joined in (False, True)}
    assert fits == {False: 1, True: 0}
