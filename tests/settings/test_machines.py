"""What a pool's machine must be, and what servers want of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.settings.machine import find_machine
from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed, problems

POOL = "headroom:pools/l4"
MACHINE = f"{POOL}/machine"
N1 = {"type": "n1-standard-8", "gpu": "Tesla-T4", "gpus": 1, "vcpus": 8, "memory": "30Gi"}
NIM = {
    "engine": "nim",
    "image": "nvcr.io/nim/nvidia/parakeet-1-1b-ctc-en-us:1.3.0",
    "pool": "l4",
    "autoscaling": {"backend": "hpa", "replicas": {"max": 4}, "signals": {"requests-waiting": 2}},
}
EKS = {"provider": "eks", "name": "a", "region": "us-west-2"}

pytestmark = pytest.mark.proves("what cannot work is refused before anything is touched", Proof.SCHEMA)


def test_a_machine_may_be_described_in_full(tmp_path: Path) -> None:
    machine = find_machine(accepted(tmp_path, changed((MACHINE, N1))).pools["l4"].machine)
    assert (machine.name, machine.gpus, machine.capability, machine.vcpus, machine.memory_gib) == ("n1-standard-8", 1, (7, 5), 8, 30)


def test_a_gpu_that_the_catalogue_does_not_know_is_described_too(tmp_path: Path) -> None:
    own = {**N1, "gpu": "NVIDIA-Rubin", "gpuMemory": "200Gi", "computeCapability": 13.0, "migProfiles": {"1g.25gb": 7}}
    sharing = (f"{POOL}/sharing", {"mode": "mig", "profile": "1g.25gb"})
    machine = find_machine(accepted(tmp_path, changed((MACHINE, own), sharing)).pools["l4"].machine)
    assert (machine.gpu_memory_mib, machine.capability) == (204800, (13, 0))


@pytest.mark.parametrize(
    ("machine", "path", "message"),
    [
        ({"type": "n1-standard-8", "gpus": 1}, "", "its type is not in the catalogue, so gpu, vcpus, memory must be said here"),
        ({**N1, "gpu": "NVIDIA-Rubin"}, "", "its gpu is not in the catalogue, so gpuMemory and computeCapability must be said here"),
        ({**N1, "gpus": 17}, ".gpus", "must be at most 16"),
        ({**N1, "memory": 30}, ".memory", "must be text: put it in quotes where YAML reads something else"),
        ({**N1, "computeCapability": "new"}, ".computeCapability", "must be a compute capability such as 8.9"),
        ({**N1, "hourlyUSD": "0.5 USD"}, ".hourlyUSD", "must be a price in US dollars such as 0.98"),
        ({**N1, "spotHourlyUSD": -1}, ".spotHourlyUSD", "must be a price in US dollars such as 0.98"),
        (
            {**N1, "cpus": 8},
            ".cpus",
            "is not a setting here; allowed: type, gpu, gpus, gpuMemory, computeCapability, migProfiles, architecture, vcpus, memory, "
            "hourlyUSD, spotHourlyUSD",
        ),
        (["g6.2xlarge"], "", "must be the name of a machine type, or a mapping that describes one"),
    ],
)
def test_a_description_that_is_wrong_is_answered_with_what_would_be_right(tmp_path: Path, machine: Any, path: str, message: str) -> None:
    assert problems(tmp_path, changed((MACHINE, machine)))[f"pools.l4.machine{path}"] == message


def test_a_part_of_a_gpu_is_refused_with_the_machines_that_have_whole_ones(tmp_path: Path) -> None:
    message = problems(tmp_path, changed((MACHINE, "g6f.4xlarge")))["pools.l4.machine"]
    assert message.startswith("a g6f.4xlarge has 1/2 of a NVIDIA-L4: a virtual GPU")
    assert "g6.xlarge" in message
    assert "g6f" not in message.removeprefix("a g6f.4xlarge")


def test_a_machine_of_another_cloud_is_refused_with_those_of_the_clusters(tmp_path: Path) -> None:
    message = problems(tmp_path, changed(("headroom:cluster", EKS), (MACHINE, "g2-standard-8")))["pools.l4.machine"]
    assert message.startswith("is a machine of gcp, and the cluster is eks's; known there: g4dn.12xlarge, ")


def test_an_unknown_machine_is_answered_with_those_of_the_clusters_cloud(tmp_path: Path) -> None:
    message = problems(tmp_path, changed(("headroom:cluster", EKS), (MACHINE, "g9.xlarge")))["pools.l4.machine"]
    assert message.startswith("is not a machine type of the catalogue: did you mean g6.xlarge? known: g4dn.12xlarge, ")
    assert "Standard" not in message


def test_of_the_machines_that_are_named_none_would_be_refused(tmp_path: Path) -> None:
    message = problems(tmp_path, changed(("headroom:cluster", EKS), (MACHINE, "a-machine")))["pools.l4.machine"]
    assert message.startswith("is not a machine type of the catalogue; known: g4dn.12xlarge, ")
    assert "g6f" not in message


def test_a_gpu_older_than_the_engine_wants_is_refused_with_newer_ones(tmp_path: Path) -> None:
    found = problems(tmp_path, changed((MACHINE, "p3dn.24xlarge")))
    message = found["servers.demo.pool"]
    assert message.startswith(
        "a p3dn.24xlarge has Tesla-V100-SXM2-32GB, of compute capability 7.0, and Triton Inference Server 25.06 needs 7.5: choose a pool "
    )
    assert message.endswith("NVIDIA-RTX-PRO-4500-Blackwell-Server-Edition")


def test_an_older_version_of_the_engine_may_take_the_older_gpu(tmp_path: Path) -> None:
    accepted(tmp_path, changed((MACHINE, "p3dn.24xlarge"), (f"{DEMO}/image", "nvcr.io/nvidia/tritonserver:24.12-py3")))


def test_a_speech_nim_on_a_t4_is_refused(tmp_path: Path) -> None:
    message = problems(tmp_path, changed((MACHINE, "g4dn.xlarge"), (DEMO, NIM)))["servers.demo.pool"]
    assert "Tesla-T4, of compute capability 7.5, and NIM for LLMs 1.3.0 needs 8.0" in message


def test_a_kind_of_gpu_that_is_too_old_is_refused_where_no_pool_is_described(tmp_path: Path) -> None:
    existing = ("headroom:cluster", {"provider": "existing", "name": "a"})
    server = {**NIM, "gpuProducts": ["NVIDIA-L4", "Tesla-T4"]}
    del server["pool"]
    found = problems(tmp_path, changed(existing, (DEMO, server)))
    assert "Tesla-T4, of compute capability 7.5" in found["servers.demo.gpuProducts[1]"]
    assert "servers.demo.gpuProducts[0]" not in found


@pytest.mark.parametrize(
    ("machine", "sharing", "has"),
    [
        ("g6.2xlarge", "none", "a g6.2xlarge has NVIDIA-L4 of 22888 MiB, and the models take 30720"),
        ("p4de.24xlarge", {"mode": "mig", "profile": "1g.20gb"}, "MiB, and each of those that share one has 19073, and the models take"),
        ("p4de.24xlarge", {"mode": "mps", "replicas": 4}, "MiB, and each of those that share one has 20480, and the models take"),
    ],
    ids=["whole", "mig", "mps"],
)
def test_more_memory_than_a_gpu_or_a_share_of_it_has_is_refused(tmp_path: Path, machine: str, sharing: Any, has: str) -> None:
    found = problems(tmp_path, changed((MACHINE, machine), (f"{POOL}/sharing", sharing), (f"{DEMO}/gpuMemory", "30Gi")))
    assert has in found["servers.demo.gpuMemory"]


def test_models_that_fit_a_gpu_are_accepted(tmp_path: Path) -> None:
    accepted(tmp_path, changed((f"{DEMO}/gpuMemory", "22Gi")))


def test_an_engine_that_wants_more_memory_than_a_share_has_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, changed((MACHINE, "p4d.24xlarge"), (f"{POOL}/sharing", {"mode": "mig", "profile": "1g.10gb"}), (DEMO, NIM)))
    assert "NIM for LLMs 1.3.0 needs 15360" in found["servers.demo.pool"]


@pytest.mark.parametrize(
    ("machine", "image", "message"),
    [
        ("g6.2xlarge", "nvcr.io/nvidia/tritonserver:25.06-py3-igpu", "is for arm64 alone, and a g6.2xlarge is amd64"),
        ("g5g.2xlarge", "registry.example.com/own:25.06-amd64", "is for amd64 alone, and a g5g.2xlarge is arm64"),
    ],
)
def test_an_image_for_another_processor_is_refused(tmp_path: Path, machine: str, image: str, message: str) -> None:
    found = problems(tmp_path, changed((MACHINE, machine), (f"{DEMO}/image", image)))
    assert found["servers.demo.image"].startswith(message)


@pytest.mark.parametrize("image", ["nvcr.io/nvidia/tritonserver:25.06-py3", "registry.example.com/own:25.06-arm64"])
def test_an_image_for_the_machines_processor_is_accepted(tmp_path: Path, image: str) -> None:
    accepted(tmp_path, changed((MACHINE, "g5g.2xlarge"), (f"{DEMO}/image", image)))


def test_servers_whose_replicas_always_run_must_fit_their_pool_together(tmp_path: Path) -> None:
    first = (f"{DEMO}/autoscaling/replicas", {"min": 3, "max": 4})
    demo = accepted(tmp_path, changed(first)).servers["demo"].model_dump(by_alias=True, mode="json", exclude_unset=True)
    found = problems(tmp_path, changed(first, ("headroom:servers/other", demo)))
    assert found["pools.l4.max"] == (
        "the replicas that always run of demo, other take 6 GPUs, and the pool has 5 at its largest: some would wait for ever; raise max, "
        "or lower replicas.min"
    )
