"""The exposition of a node's usage."""

from __future__ import annotations

import os

import psutil

from headroom.sandbox.kubelet.usage import Measured, Usage, exposition, of_process

MEASURED = [Measured("speech", "asr-0", "server", 90.5, Usage(1.25, 2048)), Measured("speech", "asr-0", "sidecar", 91.0, Usage(0.75, 1024))]


def samples(text: str) -> dict[str, str]:
    return {line.partition(" ")[0]: line.partition(" ")[2] for line in text.splitlines() if not line.startswith("#")}


def test_each_container_has_its_own_series_with_the_time_of_the_look() -> None:
    told = samples(exposition(MEASURED, Usage(0, 0), now=100.0))
    assert told['container_cpu_usage_seconds_total{container="server",namespace="speech",pod="asr-0"}'] == "1.250 100000"
    assert told['container_memory_working_set_bytes{container="sidecar",namespace="speech",pod="asr-0"}'] == "1024 100000"


def test_a_node_uses_what_its_containers_and_its_kubelet_use() -> None:
    told = samples(exposition(MEASURED, Usage(0.5, 10), now=100.0))
    assert told["node_cpu_usage_seconds_total"] == "2.500 100000"
    assert told["node_memory_working_set_bytes"] == "3082 100000"


def test_a_process_is_measured() -> None:
    usage = of_process(psutil.Process(os.getpid()))
    assert usage.cpu > 0
    assert usage.memory > 1024 * 1024
