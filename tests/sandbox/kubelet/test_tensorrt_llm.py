"""The pods of a TensorRT-LLM server as its desired objects have them: an engine is built once, and served by a process for each GPU."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.desired.objects import Object
from headroom.sandbox.engines.exposition import read
from tests.evidence import Proof
from tests.sandbox.kubelet.conftest import Pods, main
from tests.settings.stack_files import DEMO, accepted, changed

pytestmark = pytest.mark.tools


def objects(directory: Path) -> dict[str, Object]:
    """Of a server on two GPUs."""
    server = {
        "engine": "tensorrt-llm",
        "image": "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3",
        "pool": "l4x4",
        "gpus": 2,
        "parallelism": {"tensor": 2},
        "gpuProducts": ["NVIDIA-L4"],
        "model": "openai-community/gpt2",
        "options": {"family": "gpt"},
        "cache": {"storageClass": "shared"},
        "environment": {"SANDBOX_STEP_TIME": "10ms", "SANDBOX_BUILD_TIME": "0"},
        "autoscaling": {"backend": "hpa", "replicas": {"max": 2}, "signals": {"requests-running": 2}},
    }
    pools = {"l4x4": {"machine": "g6.12xlarge", "max": 2}}
    (found,) = render(accepted(directory, changed(("headroom:pools", pools), (DEMO, server)))).servers
    return dict(found.objects)


def start(pods: Pods, name: str, template: Object) -> None:
    """The pod of a Job or Deployment, without the GPUs and the node that only a pool has."""
    spec: dict[str, Any] = {
        key: value for key, value in template["spec"].items() if key not in ("nodeSelector", "affinity", "serviceAccountName")
    }
    (container,) = spec.pop("containers")
    pods.create(name, {key: value for key, value in container.items() if key not in ("resources", "name")}, **spec)


@pytest.mark.proves("a TensorRT-LLM engine is built once and read by its server", Proof.SIMULATOR)
def test_what_the_preparation_leaves_is_what_the_server_serves(pods: Pods, tmp_path: Path) -> None:
    found = objects(tmp_path)
    pods.kubectl("create", "-f-", manifest={**found["cache"], "metadata": {"name": found["cache"]["metadata"]["name"]}})
    start(pods, "prepare", found["preparation"]["spec"]["template"])
    ended = pods.until("prepare", lambda status: status["phase"] in ("Succeeded", "Failed"))
    assert main(ended)["state"]["terminated"]["exitCode"] == 0, pods.log("prepare")
    start(pods, "server", found["workload"]["spec"]["template"])
    address = pods.until_ready("server")["podIP"]
    asked = json.dumps({"text_input": "a b c", "max_tokens": 5})
    answer = pods.inside("curl", "-s", "--max-time", "20", "-d", asked, f"http://{address}:8000/v2/models/ensemble/generate").stdout
    assert json.loads(answer)["text_output"] == " token" * 5
    shown = read(pods.inside("curl", "-s", f"http://{address}:8002/metrics").stdout)
    assert {labels["request_type"] for labels, _ in shown["nv_trt_llm_request_metrics"].samples} >= {"active", "waiting", "max"}
    # Rank 1 has its own part of the engine loaded, and serves nobody.
    assert "rank1" in pods.log("server")


def test_a_server_whose_engine_was_not_built_ends_and_says_why(pods: Pods, tmp_path: Path) -> None:
    found = objects(tmp_path)
    pods.kubectl("create", "-f-", manifest={**found["cache"], "metadata": {"name": found["cache"]["metadata"]["name"]}})
    start(pods, "server", found["workload"]["spec"]["template"])
    status = pods.until("server", lambda status: main(status).get("restartCount", 0) >= 1)
    assert "failed to stat file /var/run/models" in main(status)["lastState"]["terminated"]["message"]
