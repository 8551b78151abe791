"""Pods in the sandbox, each test's in a namespace of its own that is gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from headroom.sandbox import Sandbox
from headroom.sandbox.kubelet import agent, network, pod, provisioning
from headroom.sandbox.layout import Layout
from headroom.sandbox.records import alive, read
from headroom.tools import require

# Generous, because several things share the machine; what is waited for takes a second or two on an idle one.
SECONDS = 60


@dataclass(frozen=True)
class Pods:
    """The API of one namespace, through kubectl."""

    sandbox: Sandbox
    layout: Layout
    namespace: str

    def kubectl(self, *arguments: str, manifest: Any = None, check: bool = True) -> str:
        command = [require("kubectl")["kubectl"], f"--kubeconfig={self.sandbox.kubeconfig}", f"--namespace={self.namespace}", *arguments]
        text = None if manifest is None else json.dumps(manifest)
        # A little longer than kubectl waits itself: it says what it waited for.
        return subprocess.run(command, input=text, capture_output=True, text=True, check=check, timeout=SECONDS + 15).stdout

    def create(self, name: str, container: dict[str, Any], annotations: dict[str, str] | None = None, **spec: Any) -> None:
        """A pod with one container `main` of the sandbox's tools, unless `container` says otherwise."""
        main = {"name": "main", "image": "sandbox.headroom.dev/tools", **container}
        whole = {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1, "containers": [main], **spec}
        metadata = {"name": name, "annotations": annotations or {}}
        self.kubectl("create", "-f-", manifest={"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": whole})

    def get(self, name: str) -> dict[str, Any] | None:
        answer = self.kubectl("get", "pod", name, "-ojson", "--ignore-not-found")
        return json.loads(answer) if answer else None

    def status(self, name: str) -> dict[str, Any]:
        pod = self.get(name)
        assert pod, f"there is no pod {name}"
        return pod["status"]

    def until(self, name: str, so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The pod's status once `so` holds of it."""
        deadline = time.monotonic() + SECONDS
        while not so(status := self.status(name)):
            assert time.monotonic() < deadline, f"{name} is not so after {SECONDS} s: {json.dumps(status, indent=1)}"
            time.sleep(0.2)
        return status

    def until_ready(self, name: str) -> dict[str, Any]:
        return self.until(name, is_ready)

    def until_event(self, name: str, reason: str) -> str:
        """The message of the pod's event with that reason, once there is one."""
        deadline = time.monotonic() + SECONDS
        while not (found := self.events(name).get(reason)):
            assert time.monotonic() < deadline, f"no event {reason}: {self.events(name)}"
            time.sleep(0.2)
        return found

    def events(self, name: str) -> dict[str, str]:
        answer = self.kubectl("get", "events", f"--field-selector=involvedObject.name={name}", "-ojson")
        return {event["reason"]: event["message"] for event in json.loads(answer)["items"]}

    def delete(self, name: str) -> None:
        self.kubectl("delete", "pod", name, f"--timeout={SECONDS}s")

    def inside(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in the sandbox's network."""
        return self.sandbox.run(command, capture_output=True, text=True, timeout=SECONDS)

    def log(self, name: str, container: str = "main", attempt: int = 0) -> str:
        return self.log_path(name, container, attempt).read_text()

    def log_path(self, name: str, container: str = "main", attempt: int = 0) -> Path:
        pod = self.get(name)
        assert pod
        return self.layout.kubelet / "pods" / pod["metadata"]["uid"] / "containers" / container / str(attempt) / "log"


def is_ready(status: dict[str, Any]) -> bool:
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in status.get("conditions", ()))


def main(status: dict[str, Any]) -> dict[str, Any]:
    """The status of the container `main`."""
    return status.get("containerStatuses", [{"state": {}}])[0]


def waits(reason: str) -> Callable[[dict[str, Any]], bool]:
    return lambda status: main(status)["state"].get("waiting", {}).get("reason") == reason


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure comes with what the agent logged, and with what each of its tasks waits for."""
    report = yield
    if report.failed and isinstance(pods := item.funcargs.get("pods"), Pods):
        report.sections.append(("log of the agent", agent_log(pods.layout)))
    return report


def agent_log(layout: Layout) -> str:
    """Whether the agent lives or not: a test may have killed it."""
    if (agent := read(layout, "kubelet")) and alive(agent):
        os.kill(agent.pid, signal.SIGUSR1)
        time.sleep(1)
    return layout.log("kubelet").read_text()[-20_000:]


@pytest.fixture
def pods(sandbox: Sandbox, clone: Any) -> Iterator[Pods]:
    namespace = f"pods-{uuid4().hex[:8]}"
    ours = Pods(sandbox, Layout(clone), namespace)
    ours.kubectl("create", "namespace", namespace)
    # The namespace's controller makes it, which has just begun where the sandbox has.
    ours.kubectl("wait", "serviceaccount/default", "--for=create", f"--timeout={SECONDS}s")
    yield ours
    ours.kubectl("delete", "namespace", namespace, "--wait=false")
    ours.kubectl("delete", "pods", "--all", "--grace-period=0", "--force", check=False)


@pytest.fixture
def tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (agent, pod, provisioning):
        monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)


@pytest.fixture
def without_a_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    """For an agent that runs no pod: it needs no network of its own."""

    async def nothing() -> None:
        pass

    monkeypatch.setattr(network, "ensure_bridge", nothing)
