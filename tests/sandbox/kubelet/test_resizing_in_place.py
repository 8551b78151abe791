"""The API server's resize subresource and the sandbox's kubelet together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.evidence import Proof
from tests.sandbox.kubelet.conftest import Pods

pytestmark = pytest.mark.tools


def create(pods: Pods, name: str, memory: str) -> None:
    pods.create(name, {"command": ["sleep", "1000"], "resources": {"requests": {"memory": memory}, "limits": {"memory": memory}}})
    pods.until_ready(name)


def resize(pods: Pods, name: str, memory: str) -> None:
    resources = {"requests": {"memory": memory}, "limits": {"memory": memory}}
    patch = {"spec": {"containers": [{"name": "main", "resources": resources}]}}
    pods.kubectl("patch", "pod", name, "--subresource=resize", "--patch", json.dumps(patch))


def memory(status: Mapping[str, Any]) -> str:
    return status["containerStatuses"][0]["resources"]["limits"]["memory"]


def resizing(status: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(entry["type"], entry.get("reason", "")) for entry in status["conditions"] if "Resize" in entry["type"]]


@pytest.mark.proves("sandbox: pods are resized in place", Proof.REAL)
def test_a_running_pod_is_given_memory_without_a_restart_once_its_node_has_room(pods: Pods) -> None:
    create(pods, "grows", "64Mi")
    create(pods, "sits", "16Gi")

    resize(pods, "grows", "60Gi")
    status = pods.until("grows", resizing)
    assert (resizing(status), memory(status)) == ([("PodResizePending", "Deferred")], "64Mi")

    pods.delete("sits")
    status = pods.until("grows", lambda status: memory(status) == "60Gi")
    assert status["containerStatuses"][0]["restartCount"] == 0

    resize(pods, "grows", "64Mi")
    pods.until("grows", lambda status: memory(status) == "64Mi" and not resizing(status))
