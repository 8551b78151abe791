"""Shared GPUs under the real scheduler: a node takes as many pods as its GPUs have parts or shares, and not one more."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import Desired, render
from headroom.sandbox import Sandbox
from headroom.settings import load
from headroom.tools import require
from tests.evidence import Proof
from tests.sandbox.fixtures import STACKS
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

NAMESPACE = "shared-gpus"
SERVER = """\
      engine: triton
      image: nvcr.io/nvidia/tritonserver:25.06-py3
      models: models
      resources: {cpu: 10m, memory: 16Mi}
      autoscaling: {backend: hpa, replicas: {min: 1, max: 1}, signals: {queue-time: 200ms}}
"""
STACK = f"""\
config:
  headroom:cluster: {{provider: kwok}}
  headroom:namespace: {NAMESPACE}
  headroom:pools:
    whole: {{machine: g6.12xlarge, max: 1, warm: 1}}
    parts: {{machine: p4de.24xlarge, max: 1, warm: 1, sharing: {{mode: mig, profile: 7g.80gb}}}}
    turns: {{machine: g6.2xlarge, max: 1, warm: 1, sharing: {{mode: time-slicing, replicas: 4}}}}
    named: {{machine: g6.2xlarge, max: 1, warm: 1, sharing: {{mode: mps, replicas: 3, renamed: true}}}}
  headroom:platform: {{gpuOperator: {{migStrategy: mixed}}}}
  headroom:servers:
    in-whole: &server
      pool: whole
      rollout: recreate
{SERVER}
    in-parts: {{<<: *server, pool: parts}}
    in-turns: {{<<: *server, pool: turns}}
    in-named: {{<<: *server, pool: named}}
"""
HELD = {
    "whole": (4, "nvidia.com/gpu"),
    "parts": (8, "nvidia.com/mig-7g.80gb"),
    "turns": (4, "nvidia.com/gpu"),
    "named": (3, "nvidia.com/gpu.shared"),
}
"""Pods that the node of each pool takes, and what they ask it for."""

EVERY_POOL = pytest.mark.parametrize("pool", HELD)


def kubectl(sandbox: Sandbox, *arguments: str, given: Any = None) -> str:
    command = [require("kubectl")["kubectl"], f"--kubeconfig={sandbox.kubeconfig}", f"--namespace={NAMESPACE}", *arguments]
    ran = subprocess.run(command, input=given and json.dumps(given), capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def crowded(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desired]:
    """Every pool's nodes, and of its placeholders one more than its devices."""
    directory = tmp_path_factory.mktemp("shared")
    shutil.copytree(STACKS / "models", directory / "models")
    (directory / "Pulumi.shared.yaml").write_text(STACK)
    desired = render(load(Path(directory / "Pulumi.shared.yaml")))
    nodes = [node for pool in desired.pools.values() for node in pool]
    waiting = {pool: desired.shared[f"warm-pool-{pool}"] for pool in desired.pools}
    for pool, deployment in waiting.items():
        deployment["spec"]["replicas"] = HELD[pool][0] + 1
    items = [*desired.namespaces, *nodes, desired.shared["warm-pool-priority"], *waiting.values()]
    everything = {"apiVersion": "v1", "kind": "List", "items": items}
    kubectl(sandbox, "apply", "--server-side", "--filename=-", given=everything)
    yield desired
    kubectl(sandbox, "delete", "--wait=false", "--filename=-", given=everything)


def scheduled(sandbox: Sandbox, pool: str) -> list[dict[str, Any]]:
    """What the scheduler says of each of a pool's pods."""
    pods = json.loads(kubectl(sandbox, "get", "pods", f"--selector=app.kubernetes.io/instance={pool}", "--output=json"))["items"]
    conditions = [condition for pod in pods for condition in pod["status"].get("conditions", ())]
    return [condition for condition in conditions if condition["type"] == "PodScheduled"]


def placed(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [condition for condition in said if condition["status"] == "True"]


def refused(said: list[dict[str, Any]], resource: str) -> list[dict[str, Any]]:
    """Those for which all others have left too little of a resource."""
    return [condition for condition in said if condition["status"] != "True" and f"Insufficient {resource}" in condition["message"]]


@EVERY_POOL
@pytest.mark.proves("the scheduler places as many pods on a GPU as it has parts or shares (nodes are played)", Proof.REAL)
def test_a_node_takes_as_many_pods_as_its_gpus_are_shared_into(sandbox: Sandbox, crowded: Desired, pool: str) -> None:
    held, resource = HELD[pool]
    assert eventually(lambda: refused(scheduled(sandbox, pool), resource))
    time.sleep(3)  # for it to be placed after all, if it can be
    said = scheduled(sandbox, pool)
    assert (len(placed(said)), len(refused(said, resource))) == (held, 1), said


@EVERY_POOL
def test_the_api_server_has_the_nodes_capacity_and_labels_as_they_were_rendered(sandbox: Sandbox, crowded: Desired, pool: str) -> None:
    held, resource = HELD[pool]
    (rendered,) = crowded.pools[pool]
    node = json.loads(kubectl(sandbox, "get", "node", rendered["metadata"]["name"], "--output=json"))
    assert node["status"]["allocatable"][resource] == str(held)
    assert rendered["metadata"]["labels"].items() <= node["metadata"]["labels"].items()
