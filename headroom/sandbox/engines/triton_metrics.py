"""What Triton shows on its metrics port. Names, texts and labels as recorded from the real server (tests/sandbox/engines/recorded).

When a family appeared: triton-inference-server/core, history of src/metrics.cc.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from headroom.sandbox.engines.exposition import Family, Labels

_PINNED_POOL = 268435456
_FAILURES = ("OTHER", "BACKEND", "CANCELED", "REJECTED")


class Counts(Protocol):
    """Requests that are done, and what they took together, in seconds; `waiting` are those that have not begun."""

    @property
    def requests(self) -> int: ...
    @property
    def waited(self) -> float: ...
    @property
    def served(self) -> float: ...
    @property
    def waiting(self) -> int: ...


class _Nothing:
    requests = waiting = 0
    waited = served = 0.0


_NOTHING = _Nothing()


@dataclass(frozen=True)
class Served:
    """A model and what was counted of it.

    A model whose instances are on a GPU (`gpu` is its UUID) has two series of each family: one with `gpu_uuid`, that of the instances,
    and since 23.09 its twin without, that of the model, which stays 0 but for the pending requests (core's src/model.cc,
    src/backend_model_instance.cc, src/infer_request.cc).
    """

    model: str
    counts: Counts
    version: str = "1"
    gpu: str | None = None
    executions: int | None = None
    """How often the model ran; as many times as there were requests, unless it takes several at once."""


def _microseconds(seconds: float) -> int:
    return round(seconds * 1e6)


# name, type, help, value; one series per model.
_PER_MODEL: tuple[tuple[str, str, str, Callable[[Counts], float]], ...] = (
    (
        "nv_inference_request_success",
        "counter",
        "Number of successful inference requests, all batch sizes",
        lambda counts: counts.requests,
    ),
    ("nv_inference_request_failure", "counter", "Number of failed inference requests, all batch sizes", lambda _: 0),
    (
        "nv_inference_count",
        "counter",
        "Number of inferences performed (does not include cached requests)",
        lambda counts: counts.requests,
    ),
    (
        "nv_inference_exec_count",
        "counter",
        "Number of model executions performed (does not include cached requests)",
        lambda counts: counts.requests,
    ),
    (
        "nv_inference_request_duration_us",
        "counter",
        "Cumulative inference request duration in microseconds (includes cached requests)",
        lambda counts: _microseconds(counts.waited + counts.served),
    ),
    (
        "nv_inference_queue_duration_us",
        "counter",
        "Cumulative inference queuing duration in microseconds (includes cached requests)",
        lambda counts: _microseconds(counts.waited),
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
        lambda counts: _microseconds(counts.served),
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
        lambda counts: counts.waiting,
    ),
    ("nv_model_load_duration_secs", "gauge", "Model load time in seconds", lambda _: 0),
)

Release = tuple[int, int]
NEWEST: Release = (25, 6)
_TWIN_SINCE: Release = (23, 9)
_REASONS_SINCE: Release = (24, 7)
_CPU_SINCE: Release = (22, 9)
_SINCE: dict[str, Release] = {
    "nv_inference_pending_request_count": (23, 9),
    "nv_pinned_memory_pool_total_bytes": (24, 2),
    "nv_pinned_memory_pool_used_bytes": (24, 2),
    "nv_model_load_duration_secs": (24, 11),
}
_OF_THE_MODEL = ("nv_inference_pending_request_count", "nv_model_load_duration_secs")


def families(served: Iterable[Served], cpu: CpuGauges | None = None, release: Release = NEWEST) -> list[Family]:
    """Everything that a release of Triton shows, in the order of the real server."""
    served = list(served)
    per_model = [
        Family(name, kind, text, tuple(sample for entry in served for sample in _samples(name, entry, value, release)))
        for name, kind, text, value in _PER_MODEL
    ]
    pool = [
        Family("nv_pinned_memory_pool_total_bytes", "gauge", "Pinned memory pool total memory size, in bytes", (({}, _PINNED_POOL),)),
        Family("nv_pinned_memory_pool_used_bytes", "gauge", "Pinned memory pool used memory size, in bytes", (({}, 0),)),
    ]
    machine = cpu.families() if cpu and release >= _CPU_SINCE else []
    shown = [*per_model, *_gpu_families(served), *pool, *machine]
    return [family for family in shown if release >= _SINCE.get(family.name, release)]


def _samples(name: str, served: Served, value: Callable[[Counts], float], release: Release) -> list[tuple[Labels, float]]:
    labels = {"model": served.model, "version": served.version}
    own = {"gpu_uuid": served.gpu, **labels} if served.gpu else labels
    if name == "nv_model_load_duration_secs":
        return [(labels, value(served.counts))]
    if served.gpu is None or release < _TWIN_SINCE:
        series = [(own, served.counts)]
    elif name in _OF_THE_MODEL:
        series = [(labels, served.counts), (own, _NOTHING)]
    else:
        series = [(labels, _NOTHING), (own, served.counts)]
    if name == "nv_inference_exec_count" and served.executions is not None:
        return [(labels, 0 if counts is _NOTHING else served.executions) for labels, counts in series]
    if name == "nv_inference_request_failure" and release >= _REASONS_SINCE:
        return [(_sorted(labels | {"reason": reason}), 0) for labels, _ in series for reason in _FAILURES]
    return [(labels, value(counts)) for labels, counts in series]


def _sorted(labels: Labels) -> Labels:
    return dict(sorted(labels.items()))


_GPU = (
    ("nv_gpu_utilization", "GPU utilization rate [0.0 - 1.0)"),
    ("nv_gpu_memory_total_bytes", "GPU total memory, in bytes"),
    ("nv_gpu_memory_used_bytes", "GPU used memory, in bytes"),
)


def _gpu_families(served: Iterable[Served]) -> list[Family]:
    """There is no GPU behind a simulator: its gauges are there and say 0."""
    gpus = sorted({entry.gpu for entry in served if entry.gpu})
    return [Family(name, "gauge", text, tuple(({"gpu_uuid": gpu}, 0) for gpu in gpus)) for name, text in _GPU if gpus]


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
