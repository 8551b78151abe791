"""What Triton shows on its metrics port. Names, texts and labels as recorded from the real server (tests/sandbox/engines/recorded)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from headroom.sandbox.engines.core import Station
from headroom.sandbox.engines.exposition import Family
from headroom.sandbox.engines.triton_models import Model

_PINNED_POOL = 268435456
_FAILURES = ("OTHER", "BACKEND", "CANCELED", "REJECTED")

Served = tuple[Model, Station]


def _microseconds(seconds: float) -> int:
    return round(seconds * 1e6)


# name, type, help, value; one series per model.
_PER_MODEL: tuple[tuple[str, str, str, Callable[[Station], float]], ...] = (
    (
        "nv_inference_request_success",
        "counter",
        "Number of successful inference requests, all batch sizes",
        lambda station: station.requests,
    ),
    ("nv_inference_request_failure", "counter", "Number of failed inference requests, all batch sizes", lambda _: 0),
    (
        "nv_inference_count",
        "counter",
        "Number of inferences performed (does not include cached requests)",
        lambda station: station.requests,
    ),
    (
        "nv_inference_exec_count",
        "counter",
        "Number of model executions performed (does not include cached requests)",
        lambda station: station.requests,
    ),
    (
        "nv_inference_request_duration_us",
        "counter",
        "Cumulative inference request duration in microseconds (includes cached requests)",
        lambda station: _microseconds(station.waited + station.served),
    ),
    (
        "nv_inference_queue_duration_us",
        "counter",
        "Cumulative inference queuing duration in microseconds (includes cached requests)",
        lambda station: _microseconds(station.waited),
    ),
    (
        "nv_inference_compute_input_duration_us",
        "counter",
        "Cumulative compute input duration in microseconds (does not include cached requests)",
        lambda _: 0,
    ),
    (
        "nv_inference_compute_infer_duration_us",
        "counter",
        "Cumulative compute inference duration in microseconds (does not include cached requests)",
        lambda station: _microseconds(station.served),
    ),
    (
        "nv_inference_compute_output_duration_us",
        "counter",
        "Cumulative inference compute output duration in microseconds (does not include cached requests)",
        lambda _: 0,
    ),
    (
        "nv_inference_pending_request_count",
        "gauge",
        "Instantaneous number of pending requests awaiting execution per-model.",
        lambda station: station.waiting,
    ),
    ("nv_model_load_duration_secs", "gauge", "Model load time in seconds", lambda _: 0),
)


def families(served: Iterable[Served], cpu: CpuGauges | None) -> list[Family]:
    """Everything, in the order of the real server."""
    served = list(served)
    per_model = [
        Family(name, kind, text, tuple(sample for model, station in served for sample in _samples(name, model, value(station))))
        for name, kind, text, value in _PER_MODEL
    ]
    pool = [
        Family("nv_pinned_memory_pool_total_bytes", "gauge", "Pinned memory pool total memory size, in bytes", (({}, _PINNED_POOL),)),
        Family("nv_pinned_memory_pool_used_bytes", "gauge", "Pinned memory pool used memory size, in bytes", (({}, 0),)),
    ]
    return [*per_model, *pool, *(cpu.families() if cpu else [])]


def _samples(name: str, model: Model, value: float) -> list[tuple[dict[str, str], float]]:
    if name == "nv_inference_request_failure":
        return [({"model": model.name, "reason": reason, "version": model.version}, value) for reason in _FAILURES]
    return [({"model": model.name, "version": model.version}, value)]


class CpuGauges:
    """Of the whole machine, as Triton has them; the utilization is that since the last look."""

    def __init__(self) -> None:
        self._before = _cpu_ticks()

    def families(self) -> list[Family]:
        now = _cpu_ticks()
        busy, whole = (later - earlier for later, earlier in zip(now, self._before, strict=True))
        self._before = now
        memory = _memory()
        used = memory["MemTotal"] - memory["MemAvailable"]
        return [
            Family("nv_cpu_utilization", "gauge", "CPU utilization rate [0.0 - 1.0]", (({}, busy / whole if whole else 0.0),)),
            Family("nv_cpu_memory_total_bytes", "gauge", "CPU total memory (RAM), in bytes", (({}, memory["MemTotal"]),)),
            Family("nv_cpu_memory_used_bytes", "gauge", "CPU used memory (RAM), in bytes", (({}, used),)),
        ]


def _cpu_ticks() -> tuple[int, int]:
    """Busy and all, since boot."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def _memory() -> dict[str, int]:
    lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
    return {fields[0].rstrip(":"): int(fields[1]) * 1024 for fields in lines}
