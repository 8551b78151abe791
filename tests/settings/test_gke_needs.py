"""What Google would refuse of a pool is refused first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.settings.stack_files import accepted, changed, problems

GKE = {"provider": "gke", "name": "c", "project": "my-project", "location": "us-central1"}
L4 = {"machine": "g2-standard-8", "max": 5}
MEGA = {"machine": "a3-megagpu-8g", "max": 5, "interconnect": True}
MANAGED = {"gpuOperator": "existing"}


def on_gke(*, cluster: dict[str, Any] | None = None, platform: dict[str, Any] | None = None, **pool: Any) -> str:
    return changed(
        ("headroom:cluster", {**GKE, **(cluster or {})}),
        ("headroom:platform", platform or MANAGED),
        ("headroom:pools/l4", {**L4, **pool}),
    )


@pytest.mark.parametrize(
    "text",
    [
        on_gke(),
        on_gke(zones=["us-central1-a"], imageStreaming=True, gke={"imageCaches": ["global/images/vllm"]}),
        on_gke(**MEGA),
        on_gke(cluster={"create": {"multiNetworking": True}}, **MEGA),
        on_gke(platform={"gpuOperator": {"mode": "helm", "nodes": "driverless"}, "monitoring": "existing"}),
        on_gke(cluster={"create": True, "dnsAccess": True, "zones": ["us-central1-a"]}),
    ],
)
def test_what_google_takes_is_accepted(tmp_path: Path, text: str) -> None:
    assert accepted(tmp_path, text).cluster.provider == "gke"


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (on_gke(zones=["us-east1-b"]), "pools.l4.zones[0]", "no zone of the cluster's region: name zones such as us-central1-a"),
        (on_gke(cluster={"zones": ["us-east1-b"]}), "cluster.zones[0]", "no zone of the cluster's region"),
        (
            on_gke(platform={"gpuOperator": {"mode": "helm", "nodes": "driverless"}}, imageStreaming=True),
            "pools.l4.imageStreaming",
            "Container-Optimized OS alone, and driverless nodes are Ubuntu",
        ),
        (on_gke(gke={"imageCaches": ["global/images/vllm"]}), "pools.l4.gke.imageCaches", "set imageStreaming: true"),
        (on_gke(interconnect=True), "pools.l4.interconnect", "no network cards of their own; machines that have: a3-highgpu-8g"),
        (on_gke(cluster={"create": True}, **MEGA), "pools.l4.interconnect", "set cluster.create.multiNetworking: true"),
        (
            on_gke(machine={"type": "x1", "gpu": "NVIDIA-A30", "gpus": 1, "vcpus": 8, "memory": "32Gi"}),
            "pools.l4.machine",
            "a GPU that Google is not known to have; known: Tesla-V100",
        ),
        (
            changed(
                ("headroom:cluster", {"provider": "eks", "name": "c", "region": "us-west-2"}),
                ("headroom:pools/l4/gke", {"driver": "latest"}),
            ),
            "pools.l4.gke",
            "leave it out",
        ),
    ],
)
def test_what_google_would_refuse_is_refused(tmp_path: Path, text: str, path: str, message: str) -> None:
    assert message in problems(tmp_path, text)[path]


def test_the_sandbox_plays_a_pool_of_gkes(tmp_path: Path) -> None:
    accepted(tmp_path, changed(("headroom:pools/l4/gke", {"localSsds": 1})))
