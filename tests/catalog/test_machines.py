"""What is known of machines and their GPUs."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from pydantic import ValidationError

from headroom.catalog.engines import ENGINES
from headroom.catalog.gpus import GPUS
from headroom.catalog.images import architecture_of
from headroom.catalog.machines import machines, read

GOOD = """
prices: {source: a page, region: us-east-1, date: 2026-07-20}
machines:
  small: {gpu: NVIDIA-L4, gpus: 1, vcpus: 4, memoryGiB: 16, hourlyUSD: 0.8, spotHourlyUSD: 0.3}
  eighth: {gpu: NVIDIA-L4, gpus: 1, fraction: 1/8, vcpus: 2, memoryGiB: 8}
"""


def test_a_row_with_its_gpu_is_a_machine() -> None:
    small = read(GOOD, "aws")["small"]
    assert (small.gpu_memory_mib, small.capability, small.architecture, small.price_source) == (
        22888,
        (8, 9),
        "amd64",
        "us-east-1, 2026-07-20",
    )


def test_a_fraction_of_a_gpu_has_its_part_of_the_memory_and_is_not_cut_further() -> None:
    eighth = read(GOOD.replace("NVIDIA-L4", "NVIDIA-A30"), "aws")["eighth"]
    assert (eighth.fraction, eighth.gpu_memory_mib, eighth.mig) == (Fraction(1, 8), 3072, {})


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("NVIDIA-L4,", "NVIDIA-L5,"),
        ("vcpus: 4", "cpus: 4"),
        ("vcpus: 4, ", ""),
        ("hourlyUSD: 0.8", "hourlyUSD: free"),
        ("fraction: 1/8", "fraction: 3/2"),
        ("date: 2026-07-20", "date: lately"),
    ],
    ids=["unknown GPU", "unknown key", "missing key", "price", "fraction", "date"],
)
def test_a_file_that_does_not_keep_to_the_form_is_refused(was: str, becomes: str) -> None:
    with pytest.raises(ValidationError):
        read(GOOD.replace(was, becomes), "aws")


def test_spot_capacity_costs_less_than_on_demand_wherever_both_are_known() -> None:
    both = [(m.spot_hourly_usd, m.hourly_usd) for m in machines().values() if m.spot_hourly_usd and m.hourly_usd]
    assert both
    assert all(spot < on_demand for spot, on_demand in both)


@pytest.mark.parametrize("product", [product for product, gpu in GPUS.items() if gpu.mig])
def test_the_parts_of_a_gpu_have_no_more_memory_than_it_has(product: str) -> None:
    gpu = GPUS[product]
    for profile, count in gpu.mig.items():
        match = re.fullmatch(r"[1-7]g\.(\d+)gb", profile)
        assert match
        assert count * int(match[1]) * 1e9 <= gpu.memory_mib * 2**20 * 1.05, profile


@pytest.mark.parametrize(
    ("image", "architecture"),
    [
        ("vllm/vllm-openai:v0.19.0-aarch64", "arm64"),
        ("vllm/vllm-openai:latest-x86_64-cu129", "amd64"),
        ("nvcr.io/nvidia/riva/riva-speech:2.19.0-l4t-aarch64", "arm64"),
        ("nvcr.io/nvidia/tritonserver:25.06-py3-igpu", "arm64"),
        ("nvcr.io/nvidia/tritonserver:25.06-py3", None),
        ("registry.example.com/arm64/own:1", None),
    ],
)
def test_a_tag_may_say_what_processor_its_image_is_for(image: str, architecture: str | None) -> None:
    assert architecture_of(image) == architecture


@pytest.mark.parametrize(
    ("image", "capability"),
    [
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3", (7, 5)),
        ("nvcr.io/nim/nvidia/parakeet-1-1b-ctc-en-us:1.3.0", (8, 0)),
        ("registry.example.com/nim/nvidia/riva-asr:1.3.0", (8, 0)),
    ],
)
def test_speech_nims_want_a_newer_gpu_than_other_nims(image: str, capability: tuple[int, int]) -> None:
    family = ENGINES["nim"]
    assert family.at(family.version_of(image)).gpu_for(image).capability == capability
