"""CPU and memory of running containers, from /proc, and their exposition as a kubelet's `/metrics/resource`.

Source of the form: kubernetes/kubernetes pkg/kubelet/metrics/collectors/resource_metrics.go.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from headroom.sandbox.kubelet import runtime
from headroom.sandbox.kubelet.runtime import Running

# One tick of the kernel's CPU accounting. A counter at 0 would count as not measured yet.
_TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """CPU seconds since its start and bytes of memory."""

    cpu: float
    memory: int

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.cpu + other.cpu, self.memory + other.memory)


@dataclass(frozen=True)
class Measured:
    """A running container."""

    namespace: str
    pod: str
    container: str
    started_at: float
    usage: Usage


def of_process(process: psutil.Process) -> Usage:
    """What a process and those that it started and waited for use."""
    times = process.cpu_times()
    return Usage(times.user + times.system + times.children_user + times.children_system, process.memory_info().rss)


def of_container(running: Running) -> Usage:
    """What all processes of a container use. Raises `psutil.NoSuchProcess` when it has ended meanwhile."""
    first = psutil.Process(running.pid)
    total = of_process(first)
    for member in first.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += of_process(member)
    return Usage(max(total.cpu, _TICK_SECONDS), total.memory)


def containers(pod: Path) -> Iterable[tuple[str, Running]]:
    """The containers that run of the pod in this directory, by name."""
    for directory in sorted((pod / "containers").glob("*")):
        attempts = sorted(int(path.name) for path in directory.glob("*") if path.name.isdigit())
        if attempts and (running := runtime.adopt(directory / str(attempts[-1]))):
            yield directory.name, running


def measure(namespace: str, name: str, pod: Path) -> Iterable[Measured]:
    for container, running in containers(pod):
        with suppress(psutil.NoSuchProcess):
            yield Measured(namespace, name, container, running.started_at, of_container(running))


def exposition(measured: Sequence[Measured], agent: Usage, now: float) -> str:
    """What a node's kubelet tells. The node uses what its containers use, and `agent`, which plays its kubelet."""
    node = sum((one.usage for one in measured), agent)
    at = round(now * 1000)
    lines = [
        *_family("node_cpu_usage_seconds_total", "counter", [f" {node.cpu:.3f} {at}"]),
        *_family("node_memory_working_set_bytes", "gauge", [f" {node.memory} {at}"]),
        *_family("container_cpu_usage_seconds_total", "counter", [f"{_labels(one)} {one.usage.cpu:.3f} {at}" for one in measured]),
        *_family("container_memory_working_set_bytes", "gauge", [f"{_labels(one)} {one.usage.memory} {at}" for one in measured]),
        *_family("container_start_time_seconds", "gauge", [f"{_labels(one)} {one.started_at:.3f}" for one in measured]),
    ]
    return "\n".join([*lines, ""])


def _family(name: str, kind: str, samples: Iterable[str]) -> list[str]:
    return [f"# TYPE {name} {kind}", *(f"{name}{sample}" for sample in samples)]


def _labels(one: Measured) -> str:
    return f'{{container="{one.container}",namespace="{one.namespace}",pod="{one.pod}"}}'
