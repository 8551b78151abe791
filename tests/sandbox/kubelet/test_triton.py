"""The real Triton in a pod, started by the manifest's own arguments."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from headroom.sandbox.engines.exposition import read
from headroom.tools import require
from tests.evidence import Proof
from tests.sandbox.kubelet.conftest import Pods, main
from tests.waiting import eventually

pytestmark = pytest.mark.tools

MODELS = Path(__file__).parents[3] / "stacks" / "models"
BODY = json.dumps({"inputs": [{"name": "INPUT", "shape": [1], "datatype": "FP32", "data": [2.5]}]})


def create(pods: Pods, *arguments: str, mount_path: str = "/models", annotations: dict[str, str] | None = None, **spec: Any) -> None:
    require("triton")
    files = {"config": "sleeper/config.pbtxt", "model": "sleeper/1/model.py"}
    literals = [f"--from-file={key}={MODELS / path}" for key, path in files.items()]
    pods.kubectl("create", "configmap", "models", *literals)
    ready = {"httpGet": {"path": "/v2/health/ready", "port": "http"}}
    pods.create(
        "triton",
        {
            "image": "nvcr.io/nvidia/tritonserver:25.06-py3",
            "command": ["tritonserver"],
            "args": ["--model-repository=/models", *arguments],
            "ports": [{"name": "http", "containerPort": 8000}, {"name": "metrics", "containerPort": 8002}],
            "startupProbe": {**ready, "periodSeconds": 1, "failureThreshold": 120},
            "readinessProbe": {**ready, "periodSeconds": 1},
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": [{"name": "models", "mountPath": mount_path}, {"name": "memory", "mountPath": "/dev/shm"}],
        },
        annotations,
        securityContext={"runAsUser": 1000, "runAsGroup": 1000, "runAsNonRoot": True},
        volumes=[
            {"name": "models", "configMap": {"name": "models", "items": [{"key": key, "path": path} for key, path in files.items()]}},
            {"name": "memory", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
        ],
        **spec,
    )


def infer(pods: Pods, address: str) -> dict[str, Any]:
    url = f"http://{address}:8000/v2/models/sleeper/infer"
    return json.loads(pods.inside("curl", "-s", "--max-time", "30", "-d", BODY, url).stdout)


def metric(pods: Pods, address: str, name: str) -> float:
    return read(pods.inside("curl", "-s", f"http://{address}:8002/metrics").stdout)[name].samples[0][1]


@pytest.mark.proves("the real Triton serves in a pod", Proof.REAL)
def test_concurrent_requests_raise_the_queue_time_of_the_real_server(pods: Pods) -> None:
    create(pods)
    status = pods.until_ready("triton")
    assert main(status)["imageID"].startswith("real Triton")
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda _: infer(pods, status["podIP"]), range(8)))
    assert [answer["outputs"][0]["data"] for answer in answers] == [[2.5]] * 8
    # Counted a moment after the last answer was sent.
    assert eventually(lambda: metric(pods, status["podIP"], "nv_inference_request_success") == 8)
    # Served one after another, 100 ms each: whoever comes together waits.
    assert metric(pods, status["podIP"], "nv_inference_queue_duration_us") > 300_000


def test_the_simulator_serves_the_same_pod_where_it_is_asked_for(pods: Pods) -> None:
    asked = {"sandbox.headroom.dev/runtime": "simulator", "sandbox.headroom.dev/service-time": "10ms"}
    create(pods, annotations=asked)
    status = pods.until_ready("triton")
    assert main(status)["imageID"] == "simulator of triton"
    assert infer(pods, status["podIP"])["outputs"][0]["data"] == [2.5]


@pytest.mark.parametrize("annotations", [None, {"sandbox.headroom.dev/runtime": "simulator"}], ids=["real", "simulator"])
def test_an_argument_that_triton_does_not_know_is_a_crash_loop(pods: Pods, annotations: dict[str, str] | None) -> None:
    create(pods, "--no-such-option=1", annotations=annotations)
    status = pods.until("triton", lambda status: main(status).get("restartCount", 0) >= 1)
    assert main(status)["lastState"]["terminated"]["exitCode"] == 1


def test_models_mounted_elsewhere_are_not_found(pods: Pods) -> None:
    create(pods, mount_path="/elsewhere", restartPolicy="Never")
    pods.until("triton", lambda status: status.get("phase") == "Failed")
    assert "failed to stat file /models" in pods.log("triton")
