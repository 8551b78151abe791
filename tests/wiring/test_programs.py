"""What a container's command line starts, however it is wrapped."""

from __future__ import annotations

import pytest

from headroom.wiring.programs import programs


@pytest.mark.parametrize(
    ("words", "program"),
    [
        (["/opt/tritonserver/bin/tritonserver", "--model-repository=/models"], "tritonserver"),
        (["vllm", "serve", "a/b"], "vllm"),
        (["python3", "-m", "vllm.entrypoints.openai.api_server", "--port", "8080"], "vllm"),
        (["/usr/bin/python3.12", "-u", "-m", "vllm.entrypoints.api_server"], "vllm"),
        (["/bin/sh", "-c", "vllm serve a/b --port 8000"], "vllm"),
        (["bash", "-ec", "export HF_HOME=/cache\nexec tritonserver --model-repository=/models"], "tritonserver"),
        (["bash", "-lc", "ulimit -n 65535 && LD_PRELOAD=/a.so tritonserver \\\n  --log-verbose=1"], "tritonserver"),
        (["sh", "-c", "if [ -d /models ]; then tritonserver --model-repository=/models; fi"], "tritonserver"),
        (["mpirun", "--allow-run-as-root", "-n", "2", "tritonserver", "--id=rank0"], "tritonserver"),
        (["tini", "--", "/bin/bash", "-c", "vllm serve a/b"], "vllm"),
        (["env", "A=b", "python3", "-m", "vllm.entrypoints.openai.api_server"], "vllm"),
    ],
)
def test_a_program_is_found_behind_what_starts_it(words: list[str], program: str) -> None:
    assert program in programs(words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["sh", "-c", "echo vllm serve; sleep 1"],
        ["sh", "-c", "mc mirror shared/vllm /images"],
        ["python3", "/app/vllm_client.py"],
        ["nginx", "-g", "daemon off;"],
    ],
)
def test_what_is_only_named_is_not_started(words: list[str]) -> None:
    assert "vllm" not in programs(words)
