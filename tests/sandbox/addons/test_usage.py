"""CPU and memory of what really runs, through kubelets, metrics-server and the HPA; and what containers wrote."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from headroom.paths import Clone
from headroom.sandbox import Sandbox
from headroom.sandbox.kubelet.nodes import address
from headroom.sandbox.layout import Layout
from tests.desired.stacks import demo
from tests.evidence import Proof
from tests.sandbox.addons.conftest import Place
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(400)]

# About a third of a core, and little enough to let the rest of the machine work.
BUSY = "while :; do i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; sleep 0.1; done"


def metrics(directory: Path) -> Any:
    """What the autoscaler of a server that is held at its CPU and memory is told to read."""
    return demo(directory, autoscaling__signals={"cpu": "50%", "memory": "90%"})["autoscaler"]["spec"]["metrics"]


@pytest.mark.proves("autoscaling on CPU and memory that were measured, as a stack asks for it", Proof.REAL)
def test_a_busy_pod_is_seen_by_top_and_scaled_by_its_cpu(place: Place, tmp_path: Path) -> None:
    place.deploy("busy", BUSY, requests={"cpu": "50m", "memory": "64Mi"}, limits={"memory": "64Mi"})
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "busy"}
    spec = {"scaleTargetRef": reference, "minReplicas": 1, "maxReplicas": 2, "metrics": metrics(tmp_path)}
    place.apply({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "busy"}, "spec": spec})
    assert eventually(lambda: place.replicas("busy") == 2)
    read = {metric["resource"]["name"] for metric in place.get("hpa", "busy")["status"]["currentMetrics"]}
    assert read == {"cpu", "memory"}
    name, cpu, memory = place.kubectl("top", "pods", "--no-headers").splitlines()[0].split()
    assert name.startswith("busy-")
    assert int(cpu.removesuffix("m")) > 25
    assert 0 < int(memory.removesuffix("Mi")) < 64


def test_top_shows_every_node(sandbox: Sandbox, place: Place) -> None:
    assert eventually(lambda: "sandbox-cpu-0" in place.kubectl("top", "nodes", check=False))


def test_logs_are_those_of_the_container(place: Place) -> None:
    place.deploy("writer", "echo one; echo two; echo three; sleep 1000")
    assert eventually(lambda: "three" in place.kubectl("logs", "deployment/writer", check=False))
    assert place.kubectl("logs", "deployment/writer", "--tail=2") == "two\nthree\n"


def test_logs_are_followed_until_the_container_ends(place: Place) -> None:
    place.kubectl("run", "--restart=Never", "--image=sandbox.headroom.dev/tools", "writer", "--", "sh", "-c", "echo one; sleep 3; echo two")
    assert eventually(lambda: "one" in place.kubectl("logs", "writer", check=False))
    assert place.kubectl("logs", "writer", "--follow") == "one\ntwo\n"


# Prints the status of an answer to a caller with the certificate that is named, if any is.
ASK = """
import ssl, sys, httpx
node, authority, *own = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
if own:
    context.load_cert_chain(*own)
print(httpx.get(f"https://{node}:10250/metrics/resource", verify=context, trust_env=False, timeout=60).status_code)
"""


@pytest.mark.parametrize(("who", "answer"), [("metrics-server", "200"), ("prometheus", "403"), (None, "")])
def test_usage_is_told_to_those_who_have_the_right_alone(place: Place, clone: Clone, who: str | None, answer: str) -> None:
    layout = Layout(clone)
    node = address(place.get("node", "sandbox-cpu-0")) or ""
    own = [layout.certificate(who), layout.key(who)] if who else []
    asked = place.sandbox.run([sys.executable, "-c", ASK, node, layout.certificate("ca"), *own], capture_output=True, text=True)
    assert asked.stdout.strip() == answer
