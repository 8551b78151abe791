"""A server whose replicas span two nodes, as its desired objects have it, under the real LeaderWorkerSet controller and KEDA."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from headroom.desired import Desired, render
from headroom.settings import load
from tests.evidence import Proof
from tests.sandbox.addons.conftest import STACK, Place
from tests.waiting import SECONDS, eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(600)]

RACK = "example.com/rack"
SERVER: dict[str, Any] = {
    "engine": "tensorrt-llm",
    "image": "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3",
    "pool": "groups",
    "gpus": 1,
    "gpuProducts": ["NVIDIA-L4"],
    "model": "openai-community/gpt2",
    "options": {"family": "gpt", "maxBatchSize": 2},
    "cache": {"storageClass": "shared"},
    "resources": {"cpu": "1", "memory": "1Gi"},
    "drain": "1s",
    "rollout": "recreate",
    "parallelism": {"tensor": 2, "nodes": 2, "topology": RACK},
    "environment": {"SANDBOX_STEP_TIME": "100ms", "SANDBOX_BUILD_TIME": "0"},
    "autoscaling": {
        "replicas": {"min": 1, "max": 2},
        "signals": {"requests-running": 1},
        "scaleUp": {"stabilization": "0s", "pods": 2, "period": "5s"},
    },
}


def desired(directory: Path, namespace: str) -> Desired:
    stack = {
        "headroom:cluster": {"provider": "kwok"},
        "headroom:pools": {"groups": {"machine": "g6.8xlarge", "min": 4, "max": 4, "interconnect": True}},
        "headroom:platform": STACK["config"]["headroom:platform"],
        "headroom:namespace": namespace,
        "headroom:servers": {"big": SERVER},
    }
    path = directory / "Pulumi.groups.yaml"
    path.write_text(json.dumps({"config": stack}))
    return render(load(path))


@pytest.fixture
def groups(place: Place, tmp_path: Path) -> Iterator[Place]:
    """The server with its engine built, its nodes those of this test alone."""
    whole = desired(tmp_path, place.name)
    (server,) = whole.servers
    nodes = [node for pool in whole.pools.values() for node in pool]
    for number, node in enumerate(nodes):
        node["metadata"]["labels"][RACK] = "ab"[number % 2]
    place.apply(*nodes)
    first = ("identity", "cache", "preparation")
    place.apply(*(server.objects[role] for role in first))
    prepared = server.objects["preparation"]["metadata"]["name"]
    place.kubectl("wait", "--for=condition=Complete", f"job/{prepared}", f"--timeout={SECONDS}s")
    place.apply(*(item for role, item in server.objects.items() if role not in first))
    yield place
    place.kubectl("delete", "scaledobject,lws", "--all", "--wait=false")
    place.kubectl("delete", "nodes", *(node["metadata"]["name"] for node in nodes), "--wait=false")


def names(place: Place, *selector: str) -> list[str]:
    return sorted(place.kubectl("get", "pods", *selector, "--output=jsonpath={.items[*].metadata.name}").split())


def serving(place: Place) -> list[str]:
    """Pods that the Service leads to."""
    slices = json.loads(place.kubectl("get", "endpointslices", "--selector=kubernetes.io/service-name=big", "--output=json"))["items"]
    ready = [end for one in slices for end in one["endpoints"] or [] if end["conditions"]["ready"]]
    return sorted(end["targetRef"]["name"] for end in ready)


def scraped(place: Place) -> list[str]:
    """Pods of the server that Prometheus has as targets."""
    query = {"query": f'up{{namespace="{place.name}"}} == 1'}
    answer = httpx.get(f"{place.sandbox.url('prometheus')}/api/v1/query", params=query, trust_env=False)
    return sorted(entry["metric"]["pod"] for entry in answer.json()["data"]["result"])


def racks(place: Place, group: int) -> set[str]:
    """Where the nodes of a group's pods are."""
    nodes = [place.get("pod", pod)["spec"]["nodeName"] for pod in (f"big-{group}", f"big-{group}-1")]
    return {place.get("node", node)["metadata"]["labels"][RACK] for node in nodes}


@pytest.mark.proves("a replica over several nodes is served, scraped and scaled as one", Proof.SIMULATOR)
def test_only_leaders_serve_and_are_scraped_and_the_autoscaler_adds_whole_groups(groups: Place) -> None:
    assert eventually(lambda: serving(groups) == ["big-0"])
    assert names(groups, "--selector=app.kubernetes.io/component") == ["big-0", "big-0-1"]
    assert eventually(lambda: scraped(groups) == ["big-0"])
    assert groups.get("lws", "big")["spec"]["replicas"] == 1
    address = groups.get("pod", "big-0")["status"]["podIP"]
    body = json.dumps({"text_input": "a b", "max_tokens": 2000})
    url = f"http://{address}:8000/v2/models/ensemble/generate"
    # Two answers that last: both places are taken, and the target is one request for each replica.
    asking = [groups.sandbox.popen(["curl", "-s", "--max-time", "150", "-d", body, url], stdout=subprocess.DEVNULL) for _ in range(2)]
    try:
        assert eventually(lambda: names(groups, "--selector=app.kubernetes.io/component") == ["big-0", "big-0-1", "big-1", "big-1-1"])
        assert eventually(lambda: serving(groups) == scraped(groups) == ["big-0", "big-1"])
        first, second = racks(groups, 0), racks(groups, 1)
        assert (len(first), len(second), first != second) == (1, 1, True)
    finally:
        for process in asking:
            process.kill()
            process.wait()
