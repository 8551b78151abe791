"""Each engine's secrets are where it looks for them: the names and keys are those of its own documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.desired.stacks import server_of
from tests.evidence import Proof

PULL = ("pull", ".dockerconfigjson")
SPEECH = {"cache": {"claim": "speech"}, "autoscaling": {"replicas": {"max": 2}, "signals": {"streams": 10}}}
ENGINE_FILES = {
    "cache": {"claim": "engines"},
    "gpuProducts": ["NVIDIA-L4"],
    "model": "openai-community/gpt2",
    "autoscaling": {"replicas": {"max": 2}, "signals": {"requests-running": 2}},
}
EXPECTED: list[tuple[str, str, dict[str, Any], set[tuple[str, str]]]] = [
    ("nim", "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3", {}, {("ngc-api", "NGC_API_KEY"), ("huggingface", "HF_TOKEN"), PULL}),
    ("vllm", "vllm/vllm-openai:v0.18.0", {"model": "Qwen/Qwen3-8B"}, {("huggingface", "HF_TOKEN")}),
    (
        "riva",
        "nvcr.io/nvidia/riva/riva-speech:2.19.0",
        SPEECH,
        {("modelpullsecret", "apikey"), ("riva-model-deploy-key", "key"), PULL},
    ),
    ("tensorrt-llm", "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3", ENGINE_FILES, {("hf-model-pull", "password"), PULL}),
]


@pytest.mark.parametrize(("engine", "image", "settings", "expected"), EXPECTED, ids=[row[0] for row in EXPECTED])
@pytest.mark.proves("secrets have the names and keys that each engine reads, and the registry a login", Proof.SCHEMA)
def test_an_engine_finds_its_secrets(
    engine: str, image: str, settings: dict[str, Any], expected: set[tuple[str, str]], tmp_path: Path
) -> None:
    made = server_of(tmp_path, engine, image, **settings)
    secrets = [item for item in made.values() if item["kind"] == "Secret"]
    assert {(item["metadata"]["name"].removeprefix("demo-"), key) for item in secrets for key in item["stringData"]} == expected
