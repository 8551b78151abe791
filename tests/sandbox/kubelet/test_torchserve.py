"""The pod of the stack `torchserve`, as it is rendered: requests that wait make workers, and workers have their memory first."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from headroom.desired.render import render
from headroom.sandbox.kubelet import torchserve
from headroom.settings import load
from tests.evidence import Proof
from tests.sandbox.kubelet.conftest import SECONDS, Pods, main

pytestmark = pytest.mark.tools

STACKS = Path(__file__).parents[3] / "stacks"
ROLES = ("identity", "models", "configuration", "sidecar", "role", "role-binding")
MI = 2**20


def pod(pods: Pods, tmp_path: Path, *, simulated: bool) -> dict[str, Any]:
    """Creates what the stack's server needs, and its pod on a node without GPUs; its status once it is ready.

    The stack tells the simulator's capacity, which asks for a simulator.
    """
    shutil.copytree(STACKS / "model-store", tmp_path / "model-store")
    text = (STACKS / "Pulumi.torchserve.yaml").read_text()
    stack = text.replace("quiet: 20", "quiet: 8").replace("engine: torchserve", f"namespace: {pods.namespace}\n      engine: torchserve")
    (tmp_path / "Pulumi.torchserve.yaml").write_text(stack)
    (server,) = render(load(tmp_path / "Pulumi.torchserve.yaml")).servers
    for role in ROLES:
        pods.kubectl("create", "-f-", manifest=server.objects[role])
    template = server.objects["workload"]["spec"]["template"]
    spec = {key: value for key, value in template["spec"].items() if key not in ("nodeSelector", "tolerations")}
    for part in spec["containers"][0]["resources"].values():
        part.pop("nvidia.com/gpu", None)
    if not simulated:
        container = spec["containers"][0]
        container["env"] = [entry for entry in container["env"] if not entry["name"].startswith("SANDBOX_")]
    metadata = {"name": "tiny", "labels": template["metadata"]["labels"]}
    pods.kubectl("create", "-f-", manifest={"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    return until(
        lambda: pods.status("tiny"), lambda status: all(entry["ready"] for entry in status.get("containerStatuses", [{"ready": 0}]))
    )


def until(look: Callable[[], Any], so: Callable[[Any], Any]) -> Any:
    """Longer than elsewhere: the real server loads a worker in many seconds on a busy machine."""
    deadline = time.monotonic() + 3 * SECONDS
    while not so(seen := look()):
        assert time.monotonic() < deadline, json.dumps(seen, indent=1)
        time.sleep(0.5)
    return seen


def predict(pods: Pods, address: str) -> str:
    url = f"http://{address}:8080/predictions/tiny"
    json_type = ("-H", "Content-Type: application/json")
    answer = pods.inside("curl", "-s", "-w", " %{http_code}", "--max-time", "60", *json_type, "-d", "[1, 2]", url)
    return answer.stdout


@contextmanager
def load_of(pods: Pods, address: str, clients: int) -> Iterator[list[str]]:
    """So many requests in flight throughout; the answers."""
    ended = threading.Event()
    answers: list[str] = []

    def client() -> None:
        while not ended.is_set():
            answers.append(predict(pods, address))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def memory(status: dict[str, Any]) -> str:
    return main(status)["resources"]["limits"]["memory"]


def story(pods: Pods, status: dict[str, Any], most: str) -> list[str]:
    """Under load memory grows to `most` and goes back when nobody asks any more; the answers meanwhile."""
    address = status["podIP"]
    assert memory(status) == "1Gi"
    with load_of(pods, address, 10) as answers:
        until(lambda: pods.status("tiny"), lambda status: memory(status) == most)
        until(lambda: pods.log("tiny", "worker-scaler"), lambda log: "workers 2: " in log)
    back = until(lambda: pods.status("tiny"), lambda status: memory(status) == str(1024 * MI))
    assert main(back)["restartCount"] == 0
    log = pods.log("tiny", "worker-scaler")
    steps = [line.partition(":")[0] for line in log.splitlines() if line.startswith(("workers", "memory"))]
    assert steps.index(f"memory {1536 * MI} bytes") < steps.index("workers 2")
    assert steps.index("workers 1") < len(steps) - 1 - steps[::-1].index(f"memory {1024 * MI} bytes")
    return answers


@pytest.mark.proves("TorchServe: workers follow the requests that wait, memory first", Proof.SIMULATOR)
def test_workers_follow_the_requests_that_wait_and_nobody_else_can_set_them(pods: Pods, tmp_path: Path) -> None:
    status = pod(pods, tmp_path, simulated=True)
    refused = pods.inside("curl", "-s", "-m", "5", f"http://{status['podIP']}:8081/models")
    assert refused.returncode == 7, "the management API is bound to the pod's loopback"
    answers = story(pods, status, str(2048 * MI))
    assert {answer.rpartition(" ")[2] for answer in answers} == {"200"}


@pytest.mark.skipif(bool(torchserve.missing()), reason=f"the real TorchServe needs {'; '.join(torchserve.missing())}")
@pytest.mark.proves("TorchServe: the real one's workers follow the requests that wait, memory first", Proof.REAL)
def test_the_real_torchserve_gets_its_workers_the_same_way(pods: Pods, tmp_path: Path) -> None:
    status = pod(pods, tmp_path, simulated=False)
    assert main(status)["imageID"].startswith("real TorchServe")
    assert predict(pods, status["podIP"]).endswith(" 200"), "ready means that a worker has loaded"
    answers = story(pods, status, str(1536 * MI))
    assert {answer.rpartition(" ")[2] for answer in answers} == {"200"}
