"""What pods and users may say about how engines run in the sandbox; none of it means anything on a real cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RUNTIME_ANNOTATION = "sandbox.headroom.dev/runtime"
SIMULATOR = "simulator"

# Annotation of the pod → variable that a simulator reads.
SIMULATION = {
    "sandbox.headroom.dev/service-time": "SANDBOX_SERVICE_TIME",
    "sandbox.headroom.dev/concurrency": "SANDBOX_CONCURRENCY",
    "sandbox.headroom.dev/streams": "SANDBOX_STREAMS",
    "sandbox.headroom.dev/gpu-knee": "SANDBOX_GPU_KNEE",
    "sandbox.headroom.dev/worker-load-time": "SANDBOX_WORKER_LOAD_TIME",
    "sandbox.headroom.dev/worker-memory": "SANDBOX_WORKER_MEMORY",
}


def simulate(pod: Mapping[str, Any], engine: str | None, environment: Mapping[str, str]) -> bool:
    """Whether a simulator is to run even where the real engine is there.

    `HEADROOM_ENGINE_TRITON=simulator` says so for all pods, an annotation for one; a pod whose containers are told a simulator's
    capacity means it too.
    """
    annotations = pod["metadata"].get("annotations") or {}
    everywhere = engine is not None and environment.get(f"HEADROOM_ENGINE_{engine.upper()}") == SIMULATOR
    told = {entry["name"] for container in pod["spec"]["containers"] for entry in container.get("env") or []}
    return everywhere or annotations.get(RUNTIME_ANNOTATION) == SIMULATOR or not told.isdisjoint(SIMULATION.values())


def simulation_variables(pod: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, str]:
    """What a simulator has to know: the image, for its version, and what the pod's annotations say."""
    annotations = pod["metadata"].get("annotations") or {}
    said = {variable: annotations[annotation] for annotation, variable in SIMULATION.items() if annotation in annotations}
    return {"SANDBOX_IMAGE": container["image"], **said}
