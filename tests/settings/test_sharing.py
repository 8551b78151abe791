"""How the GPUs of a pool may be shared, and by which servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.gpu_nodes import SharingMode
from headroom.catalog.machines import machines
from headroom.settings.capacity import capacity, room_of
from headroom.settings.devices import Devices, devices
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Pool
from tests.settings.stack_files import DEMO, accepted, changed, problems

POOL = "headroom:pools/l4"
SHARING = f"{POOL}/sharing"
A100 = {"machine": "p4de.24xlarge", "max": 2}
MIG = {"mode": "mig", "profile": "1g.10gb"}
SLICED = {"mode": "time-slicing", "replicas": 4}
MPS = {"mode": "mps", "replicas": 4}
OF_80_GB = (
    "allowed: 1g.10gb (7 per GPU), 1g.20gb (4 per GPU), 2g.20gb (3 per GPU), 3g.40gb (2 per GPU), 4g.40gb (1 per GPU), 7g.80gb (1 per GPU)"
)


def pool(machine: str, sharing: Any) -> Pool:
    return Pool.model_validate({"machine": machine, "max": 2, "sharing": sharing})


@pytest.mark.parametrize(
    ("machine", "sharing", "strategy", "offered"),
    [
        ("g6.12xlarge", "none", MigStrategy.SINGLE, Devices("nvidia.com/gpu", 4, "NVIDIA-L4")),
        ("g6.12xlarge", SLICED, MigStrategy.SINGLE, Devices("nvidia.com/gpu", 16, "NVIDIA-L4-SHARED")),
        ("g6.12xlarge", MPS, MigStrategy.MIXED, Devices("nvidia.com/gpu", 16, "NVIDIA-L4-SHARED")),
        ("g6.12xlarge", {**SLICED, "renamed": True}, MigStrategy.SINGLE, Devices("nvidia.com/gpu.shared", 16, "NVIDIA-L4")),
        ("p4de.24xlarge", MIG, MigStrategy.SINGLE, Devices("nvidia.com/gpu", 56, "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb")),
        ("p4de.24xlarge", MIG, MigStrategy.MIXED, Devices("nvidia.com/mig-1g.10gb", 56, "NVIDIA-A100-SXM4-80GB")),
        (
            "p5.48xlarge",
            {"mode": "mig", "profile": "3g.40gb"},
            MigStrategy.MIXED,
            Devices("nvidia.com/mig-3g.40gb", 16, "NVIDIA-H100-80GB-HBM3"),
        ),
    ],
)
def test_a_node_offers_its_gpus_as_the_device_plugin_counts_and_names_them(
    machine: str, sharing: Any, strategy: MigStrategy, offered: Devices
) -> None:
    assert devices(pool(machine, sharing), strategy) == offered


def test_a_pool_shares_nothing_unless_it_is_told_to(tmp_path: Path) -> None:
    assert accepted(tmp_path, changed()).pools["l4"].sharing.mode is SharingMode.NONE


@pytest.mark.parametrize(
    ("sharing", "held"), [("none", 4), (SLICED, 16), ({**SLICED, "replicas": 8}, 23)], ids=["whole", "4 shares", "8 shares"]
)
def test_a_shared_node_holds_as_many_replicas_as_its_shares_its_cpus_and_its_memory_allow(tmp_path: Path, sharing: Any, held: int) -> None:
    """4 GPUs, 48 CPUs and 192 GiB of which it keeps some; a replica takes 2 and 8."""
    room = room_of(accepted(tmp_path, changed()).servers["demo"])
    assert capacity(pool("g5.12xlarge", sharing), room) == 2 * held


def test_the_replicas_of_a_server_are_held_against_the_shares_of_its_pool(tmp_path: Path) -> None:
    small = (f"{DEMO}/resources", {"cpu": "500m", "memory": "1Gi"})
    message = problems(tmp_path, changed((SHARING, SLICED), small, (f"{DEMO}/autoscaling/replicas/max", 21)))
    assert message["servers.demo.autoscaling.replicas.max"].startswith("the pool holds 20 of them at its largest")


def test_a_warm_pool_is_counted_in_shares(tmp_path: Path) -> None:
    small = (f"{DEMO}/resources", {"cpu": "500m", "memory": "1Gi"})
    found = problems(tmp_path, changed((POOL, {"machine": "g6.2xlarge", "max": 2, "warm": 8, "sharing": SLICED}), small))
    assert found["pools.l4.warm"].startswith("beside the replicas that always run, the pool has room for 7 more")


@pytest.mark.parametrize(
    ("sharing", "path", "message"),
    [
        ({"mode": "mig"}, "profile", f"is required; {OF_80_GB}"),
        ({"mode": "mig", "profile": "1g.5gb"}, "profile", f"is not a profile of NVIDIA-A100-SXM4-80GB; {OF_80_GB}"),
        (
            {"mode": "mps", "profile": "1g.10gb", "replicas": 2},
            "",
            "MPS does not share parts of a GPU (MIG), only whole ones: leave profile out, or set mode: mig without replicas",
        ),
        (
            {"mode": "time-slicing", "profile": "1g.10gb", "replicas": 2},
            "",
            "profile is what mode mig cuts a GPU into: set mode: mig, or leave profile out",
        ),
        (
            {**MIG, "replicas": 2},
            "",
            "replicas and renamed are of modes time-slicing and mps: leave them out; with mig the profile says how many",
        ),
        ({"mode": "mps"}, "", "mode mps needs replicas, the number of pods that share a GPU, such as 4"),
        ({"mode": "time-slicing", "replicas": 1}, "replicas", "must be at least 2"),
        ({"mode": "half"}, "mode", "allowed: none, mig, time-slicing, mps"),
        ("half", "mode", "allowed: none, mig, time-slicing, mps"),
    ],
    ids=str,
)
def test_a_sharing_that_cannot_be_is_refused_with_what_can(tmp_path: Path, sharing: Any, path: str, message: str) -> None:
    found = problems(tmp_path, changed((POOL, {**A100, "sharing": sharing})))
    assert found == {f"pools.l4.sharing{f'.{path}' if path else ''}": message}


def test_mig_on_a_gpu_that_cannot_names_the_machines_that_can(tmp_path: Path) -> None:
    able = ", ".join(sorted(name for name, machine in machines().items() if machine.mig))
    assert problems(tmp_path, changed((SHARING, MIG))) == {
        "pools.l4.sharing.mode": "a g6.2xlarge has NVIDIA-L4, which cannot be cut into parts (MIG); allowed: none, time-slicing, mps; "
        f"machines that can: {able}"
    }


def test_on_a_clouds_cluster_they_are_that_clouds(tmp_path: Path) -> None:
    eks = {"provider": "eks", "name": "prod", "region": "us-west-2"}
    message = problems(tmp_path, changed(("headroom:cluster", eks), (SHARING, MIG)))["pools.l4.sharing.mode"]
    named = message.partition("machines that can: ")[2].split(", ")
    assert "p4de.24xlarge" in named
    assert {machines()[name].cloud for name in named} == {"aws"}


@pytest.mark.parametrize("sharing", [SLICED, MPS, MIG], ids=["time-slicing", "mps", "mig"])
def test_a_server_on_several_gpus_is_refused_in_a_shared_pool(tmp_path: Path, sharing: dict[str, Any]) -> None:
    found = problems(tmp_path, changed((POOL, {**A100, "sharing": sharing}), (f"{DEMO}/gpus", 2)))
    assert found == {
        "servers.demo.gpus": f"must be 1, for the GPUs of pool l4 are shared ({sharing['mode']}) and a replica on several GPUs needs "
        "whole ones: choose another pool"
    }


def test_the_products_that_a_server_names_are_what_shared_nodes_are_labelled(tmp_path: Path) -> None:
    named = (f"{DEMO}/gpuProducts", ["NVIDIA-L4"])
    found = problems(tmp_path, changed((SHARING, SLICED), named))
    assert found == {"servers.demo.gpuProducts": "a g6.2xlarge has NVIDIA-L4-SHARED: name it, or choose another pool"}


def test_every_machine_whose_gpu_is_known_to_do_mig_has_a_profile_of_the_whole_gpu() -> None:
    """Its name tells the GPU's memory: what is written there for another GPU is found."""
    for machine in machines().values():
        for profile, count in machine.mig.items():
            slices, memory = profile.removesuffix("gb").split("g.")
            assert count * int(memory) * 1000 <= machine.gpu_memory_mib * 1.05, (machine.name, profile)
            assert int(slices) * count <= 7
