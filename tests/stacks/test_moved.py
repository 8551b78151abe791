"""A server moved from backend hpa to keda and back by one word in its stack file, under requests.

The tests build on one another, in this order.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import yaml

from headroom.sandbox import Sandbox
from tests import key_service
from tests.evidence import Proof
from tests.stacks.checkout import ROOT, Checkout
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(600)]

STACK = "moved"
NAMESPACE = "moved"
LOAD = "12:900s"
"""Requests in flight, and for longer than the tests take."""


def write_stack(checkout: Checkout, backend: str) -> None:
    """The local stack with KEDA beside the adapter, and its server's backend as given."""
    stack = yaml.safe_load((ROOT / "stacks" / "Pulumi.local.yaml").read_text())
    config = stack["config"]
    config["headroom:namespace"] = NAMESPACE
    config["headroom:platform"] |= {"keda": "existing", "metricsServer": "none"}
    config["headroom:pools"] = {"moved": {"machine": "g6.2xlarge", "max": 4}}
    demo = config["headroom:servers"]["demo"]
    demo["pool"] = "moved"
    # Once there are two replicas they stay, however slowly a busy machine sends.
    demo["autoscaling"] |= {"backend": backend, "replicas": {"min": 1, "max": 2}, "scaleDown": {"stabilization": "15m"}}
    checkout.clone.stack_file(STACK).write_text(yaml.safe_dump(key_service.kept_by_it(stack)))


def hpas(checkout: Checkout) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["name"]: item for item in checkout.objects("horizontalpodautoscalers", NAMESPACE)}


def active(hpa: dict[str, Any]) -> bool:
    conditions = {condition["type"]: condition["status"] for condition in hpa.get("status", {}).get("conditions", [])}
    return conditions.get("ScalingActive") == "True"


def replicas(checkout: Checkout) -> int:
    (deployment,) = checkout.objects("deployments", NAMESPACE)
    return deployment["spec"]["replicas"]


def pods(checkout: Checkout) -> set[str]:
    return {pod["metadata"]["name"] for pod in checkout.objects("pods", NAMESPACE)}


@pytest.fixture(scope="module")
def moved(checkout: Checkout) -> Iterator[Checkout]:
    write_stack(checkout, "hpa")
    Sandbox(checkout.clone).up(stack=STACK)
    checkout.init(STACK)
    made = checkout.pulumi("up", f"--stack={STACK}", "--yes", "--skip-preview")
    assert made.returncode == 0, made.stdout
    yield checkout
    destroyed = checkout.pulumi("destroy", f"--stack={STACK}", "--yes", "--skip-preview")
    assert destroyed.returncode == 0, destroyed.stdout


@pytest.fixture(scope="module")
def load(moved: Checkout) -> Iterator[subprocess.Popen[str]]:
    """Requests from before the first move until a test has ended them."""
    argv = [sys.executable, "-m", "headroom", "sandbox", "load", "demo", "--stack", STACK, "--steps", LOAD]
    sending = subprocess.Popen(
        argv,
        cwd=moved.clone.root,
        env=dict(moved.environment),
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        # A shell's background jobs ignore it, and their children would too.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    yield sending
    if sending.poll() is None:
        os.killpg(sending.pid, signal.SIGKILL)
    sending.wait()


def move(checkout: Checkout, backend: str) -> None:
    write_stack(checkout, backend)
    done = checkout.pulumi("up", f"--stack={STACK}", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout


def test_before_the_move_the_hpa_has_scaled_the_server(moved: Checkout, load: subprocess.Popen[str]) -> None:
    assert eventually(lambda: (replicas(moved), len(pods(moved))) == (2, 2))
    assert set(hpas(moved)) == {"demo"}


@pytest.mark.proves("a server moves between the backends by one word and keeps its replicas and pods", Proof.REAL)
@pytest.mark.parametrize(("backend", "hpa"), [("keda", "keda-hpa-demo"), ("hpa", "demo")])
def test_a_move_by_one_word_keeps_every_pod(moved: Checkout, load: subprocess.Popen[str], backend: str, hpa: str) -> None:
    before = pods(moved)
    move(moved, backend)
    assert eventually(lambda: set(hpas(moved)) == {hpa} and active(hpas(moved)[hpa]))
    time.sleep(5)
    assert (pods(moved), replicas(moved)) == (before, 2)


@pytest.mark.proves("a server moves between the backends by one word and no request fails", Proof.REAL)
def test_no_request_failed_meanwhile(load: subprocess.Popen[str]) -> None:
    os.killpg(load.pid, signal.SIGINT)
    said, _ = load.communicate(timeout=60)
    stretches = [line for line in said.splitlines() if "failed" in line]
    assert stretches
    assert all(" 0 failed" in line for line in stretches), said


@pytest.mark.proves("a ScaledObject goes with its server", Proof.REAL)
def test_a_server_without_a_stack_leaves_no_autoscaler(moved: Checkout) -> None:
    move(moved, "keda")
    destroyed = moved.pulumi("destroy", f"--stack={STACK}", "--yes", "--skip-preview")
    assert destroyed.returncode == 0, destroyed.stdout
    left = json.loads(moved.kubectl("get", "namespaces,scaledobjects,horizontalpodautoscalers", "--all-namespaces", "--output=json"))
    assert [
        item["metadata"]["name"] for item in left["items"] if NAMESPACE in (item["metadata"].get("namespace"), item["metadata"]["name"])
    ] == []
