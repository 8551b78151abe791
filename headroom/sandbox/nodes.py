"""The one node that belongs to the sandbox itself: untainted and without GPUs, for the pods of the platform."""

from __future__ import annotations

from typing import Any

from headroom.sandbox.processes.kwok import FAKE_NODE

NAME = "sandbox-cpu-0"


def cpu_node() -> dict[str, Any]:
    size = {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": NAME,
            "labels": {"kubernetes.io/hostname": NAME, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"},
            "annotations": dict([FAKE_NODE]),
        },
        "status": {"capacity": size, "allocatable": size},
    }
