"""The simulators show the series that the real servers were recorded to show, by version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.sandbox.engines.exposition import Family
from headroom.sandbox.engines.llm import Batch, Capacity
from headroom.sandbox.engines.llm_metrics import Families, nim, vllm
from tests.evidence import Proof

RECORDED = Path(__file__).parent / "recorded"
MODEL = "meta/llama-3.1-8b-instruct"


def shape(families: Families) -> dict[str, dict[str, Any]]:
    """By name, in the form of the recorded files."""
    found: dict[str, dict[str, Any]] = {}
    for family in families:
        if isinstance(family, Family):
            found[family.name] = {"type": family.type, "labels": sorted(family.samples[0][0])}
        else:
            labels, histogram = family.samples[0]
            found[family.name] = {"type": "histogram", "labels": sorted(labels), "bounds": list(histogram.bounds)}
    return found


def recorded(name: str) -> Mapping[str, Any]:
    return yaml.safe_load((RECORDED / name).read_text())


@pytest.mark.proves("engine simulators: NIM's series", Proof.RECORDED)
def test_nim_1_shows_its_recorded_series() -> None:
    assert shape(nim(Batch(Capacity()), MODEL, (1, 8, 3))) == recorded("nim-1.yaml")


@pytest.mark.proves("engine simulators: vLLM's series", Proof.RECORDED)
def test_vllm_shows_its_recorded_series() -> None:
    assert shape(vllm(Batch(Capacity()), MODEL, (0, 9, 2))) == recorded("vllm-0.9.2.yaml")


def test_nim_2_passes_on_what_vllm_shows() -> None:
    assert shape(nim(Batch(Capacity()), MODEL, (2, 0, 0))).keys() == shape(vllm(Batch(Capacity()), MODEL, (0, 12))).keys() | {
        "num_request_max"
    }


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ((0, 8, 5), {"gpu_cache_usage_perc", "time_per_output_token_seconds"}),
        ((0, 10, 0), {"gpu_cache_usage_perc", "kv_cache_usage_perc", "time_per_output_token_seconds"}),
        ((0, 11, 0), {"kv_cache_usage_perc", "time_per_output_token_seconds", "inter_token_latency_seconds"}),
        ((0, 12, 0), {"kv_cache_usage_perc", "inter_token_latency_seconds"}),
    ],
)
def test_vllm_renamed_two_metrics_in_steps(version: tuple[int, ...], names: set[str]) -> None:
    renamed = {"gpu_cache_usage_perc", "kv_cache_usage_perc", "time_per_output_token_seconds", "inter_token_latency_seconds"}
    shown = {name.removeprefix("vllm:") for name in shape(vllm(Batch(Capacity()), MODEL, version))}
    assert shown & renamed == names
