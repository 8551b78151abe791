"""Which engine a workload serves with: by its image, its command, and its tag where two have one repository."""

from __future__ import annotations

import pytest

from headroom.wiring import engines
from headroom.wiring.readers import workload
from headroom.wiring.source import read_text

TRITON = "nvcr.io/nvidia/tritonserver"


def served_by(image: str, kind: str = "Deployment", api: str = "apps/v1", command: str = "[]") -> str | None:
    container = f"{{name: main, image: '{image}', command: {command}}}"
    template = f"{{metadata: {{labels: {{app: a}}}}, spec: {{containers: [{container}]}}}}"
    (document,) = read_text(f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{template: {template}}}\n")
    (found,) = workload.read(document)
    running = engines.running(found)
    return running and running.family.name


@pytest.mark.parametrize(
    ("image", "engine"),
    [
        (f"{TRITON}:25.06-py3", "triton"),
        (f"{TRITON}:25.06-trtllm-python-py3", "tensorrt-llm"),
        (f"{TRITON}:24.08-trtllm-python-py3", "tensorrt-llm"),
        (f"{TRITON}@sha256:0123", "triton"),
        ("registry.example.com:5000/mirror/nvidia/tritonserver:25.06-trtllm-python-py3", "tensorrt-llm"),
        ("nginx:1", None),
    ],
)
def test_the_tag_tells_engines_of_one_repository_apart(image: str, engine: str | None) -> None:
    assert served_by(image) == engine


def test_a_job_serves_nobody() -> None:
    assert served_by(f"{TRITON}:25.06-trtllm-python-py3", "Job", "batch/v1") is None


@pytest.mark.parametrize(
    ("command", "engine"),
    [
        ("[sh, -c, 'while true; do sleep 2; done']", None),
        ("[/bin/bash, -c, 'torchserve --start --foreground --model-store /models']", "torchserve"),
        ("[python3, -m, vllm.entrypoints.openai.api_server, --model=a/b]", "vllm"),
        ("[/bin/sh, -c, 'exec tritonserver --model-repository=/models']", "triton"),
    ],
)
def test_an_engine_in_an_image_of_ones_own_is_known_by_the_program_that_starts(command: str, engine: str | None) -> None:
    assert served_by("registry.example.com/own:1", command=command) == engine
