"""What TorchServe shows on its metrics port in `metrics_mode=prometheus`; names, types and labels as recorded from the real server.

Left out: what it knows of its machine's disks and GPUs, and the times of handlers.
Source: TorchServe 0.12.0, ts/configs/metrics.yaml; tests/sandbox/engines/recorded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from headroom.sandbox.engines.exposition import Family, Labels
from headroom.sandbox.engines.torchserve_workers import Model

_TEXT = "Torchserve prometheus {} metric with unit: {}"

# name, unit, value in that unit; counters, one series per model once it has had a request
_PER_MODEL: tuple[tuple[str, str, Callable[[Model], float]], ...] = (
    ("ts_inference_requests_total", "Count", lambda model: model.received),
    ("ts_inference_latency_microseconds", "Microseconds", lambda model: model.served * 1e6 if model.completed else 0),
    ("ts_queue_latency_microseconds", "Microseconds", lambda model: model.waited * 1e6),
)


def families(models: Iterable[Model], answers: Mapping[int, int], load_seconds: float) -> list[Family]:
    """`answers` counts those of all APIs by the hundreds of their status."""
    models = list(models)
    host = os.uname().nodename
    level = {"Level": "Host", "Hostname": host}
    used = [model for model in models if model.received]
    counters = [
        _family(
            "counter",
            name,
            unit,
            [({"model_name": model.name, "model_version": "default", "hostname": host}, value(model)) for model in used],
        )
        for name, unit, value in _PER_MODEL
    ]
    statuses = [
        _family("counter", f"Requests{hundred}XX", "Count", [(level, answers[hundred])] if answers.get(hundred) else [])
        for hundred in (2, 4, 5)
    ]
    waits = [(level, round(model.last_wait * 1000)) for model in used if model.completed][-1:]
    loads = [
        ({"WorkerName": f"W-{worker.number}-{model.name}_{model.version}", **level}, round(load_seconds * 1000))
        for model in models
        for worker in model.workers
        if worker.ready
    ]
    return [
        *counters,
        *statuses,
        _family("gauge", "QueueTime", "Milliseconds", waits),
        _family("gauge", "WorkerLoadTime", "Milliseconds", loads),
    ]


def _family(kind: str, name: str, unit: str, samples: Sequence[tuple[Labels, float]]) -> Family:
    return Family(name, kind, _TEXT.format(kind, unit), tuple(samples))
