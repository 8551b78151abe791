"""The simulator of vLLM takes vLLM's command line."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.free_ports import free_ports
from tests.sandbox.engines.language_models import QUICK, Simulator, command, running


@pytest.fixture(scope="module")
def vllm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    port = free_ports()[0]
    arguments = ("serve", "Qwen/Qwen3-8B", f"--port={port}", "--host=127.0.0.1", "--served-model-name=qwen", "--max-num-seqs=7")
    with running(tmp_path_factory.mktemp("vllm"), "vllm", *arguments, port=port, variables={**QUICK, "SANDBOX_IMAGE": "x:v0.18.0"}) as it:
        yield it


def test_it_serves_the_model_under_the_name_it_was_given(vllm: Simulator) -> None:
    assert (vllm.get("/health").status_code, vllm.model()) == (200, "qwen")
    assert vllm.chat(max_tokens=2).json()["usage"]["completion_tokens"] == 2


def test_its_metrics_name_that_model(vllm: Simulator) -> None:
    labels, _ = vllm.metrics("/metrics")["vllm:kv_cache_usage_perc"].samples[0]
    assert labels == {"model_name": "qwen", "engine": "0"}


def test_a_release_that_cannot_drain_does_not_know_the_option(tmp_path: Path) -> None:
    line, environment = command(tmp_path, "vllm", "serve", "m", "--shutdown-timeout=30")
    ended = subprocess.run(
        line, env={**os.environ, **environment, "SANDBOX_IMAGE": "vllm/vllm-openai:v0.17.1"}, capture_output=True, text=True, timeout=30
    )
    assert (ended.returncode, "unrecognized arguments: --shutdown-timeout" in ended.stderr) == (2, True)
