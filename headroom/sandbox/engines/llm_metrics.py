"""What vLLM, and NIM over it, show of a batch. Names, labels and buckets are those of the real servers (tests/sandbox/engines/recorded).

vLLM renamed two of its metrics: `gpu_cache_usage_perc` became `kv_cache_usage_perc` (0.9.2; the old one hidden from 0.11 on,
vllm-project/vllm#18354, #24245, #29330), `time_per_output_token_seconds` became `inter_token_latency_seconds` (0.11; hidden from 0.12 on,
#24110, #29330). NIM 1.x shows them without prefix under the old names; NIM 2 passes on what vLLM says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from headroom.sandbox.engines.exposition import Family, HistogramFamily
from headroom.sandbox.engines.histogram import Histogram
from headroom.sandbox.engines.llm import Batch

Version = tuple[int, ...]
Families = list[Family | HistogramFamily]

_CACHE = "Share of the KV cache in use, 0 to 1."
_BETWEEN = "Seconds from one token of an answer to the next."

# Of NIM 1.x, which kept the bounds of an early vLLM.
_NIM_BOUNDS: Mapping[str, tuple[float, ...]] = {
    "time_to_first_token_seconds": (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10),
    "time_per_output_token_seconds": (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5),
    "e2e_request_latency_seconds": (1, 2.5, 5, 10, 15, 20, 30, 40, 50, 60),
}

# name, type, help, value.
_Number = tuple[str, str, str, Callable[[Batch], float]]
_Observed = tuple[str, str, Callable[[Batch], Histogram]]

_NUMBERS: tuple[_Number, ...] = (
    ("num_requests_running", "gauge", "Requests in the running batch.", lambda batch: len(batch.running)),
    ("num_requests_waiting", "gauge", "Requests in the line before the batch.", lambda batch: len(batch.waiting)),
    ("prompt_tokens_total", "counter", "Prompt tokens computed.", lambda batch: batch.totals.prompt_tokens),
    ("generation_tokens_total", "counter", "Tokens generated.", lambda batch: batch.totals.generation_tokens),
)
_OBSERVED: tuple[_Observed, ...] = (
    ("time_to_first_token_seconds", "Seconds from arrival to the first token.", lambda batch: batch.totals.first_token),
    ("e2e_request_latency_seconds", "Seconds from arrival to the last token.", lambda batch: batch.totals.whole),
    ("request_prompt_tokens", "Tokens of a prompt.", lambda batch: batch.totals.prompts),
    ("request_generation_tokens", "Tokens of an answer.", lambda batch: batch.totals.outputs),
)


def nim(batch: Batch, model: str, version: Version) -> Families:
    """NIM's own names, and from version 2 on vLLM's."""
    labels = {"model_name": model}
    most: _Number = (
        "num_request_max",
        "gauge",
        "Requests that run at once at most.",
        lambda batch: batch.capacity.sequences,
    )
    if version >= (2,):
        return [*vllm(batch, model, (0, 12)), _number("", most, batch, labels)]
    numbers: tuple[_Number, ...] = (
        *_NUMBERS,
        most,
        ("gpu_cache_usage_perc", "gauge", _CACHE, lambda batch: batch.usage),
        ("request_success_total", "counter", "Requests that were answered.", lambda batch: batch.totals.finished),
        ("request_failure_total", "counter", "Requests that were not.", lambda batch: batch.totals.aborted),
    )
    observed: tuple[_Observed, ...] = (
        *_OBSERVED,
        ("time_per_output_token_seconds", _BETWEEN, lambda batch: batch.totals.between_tokens),
    )
    finished = Family(
        "request_finish_total",
        "counter",
        "Requests that ended, by the reason of the end.",
        (({"finished_reason": "length", **labels}, batch.totals.finished),),
    )
    return [
        *(_number("", row, batch, labels) for row in numbers),
        *(_histogram("", row, batch, labels) for row in observed),
        finished,
    ]


def vllm(batch: Batch, model: str, version: Version) -> Families:
    labels = {"model_name": model, "engine": "0"}
    cache = lambda batch: batch.usage  # noqa: E731
    between = lambda batch: batch.totals.between_tokens  # noqa: E731
    numbers: list[_Number] = [*_NUMBERS]
    if version < (0, 11):
        numbers.append(("gpu_cache_usage_perc", "gauge", _CACHE, cache))
    if version >= (0, 9, 2):
        numbers.append(("kv_cache_usage_perc", "gauge", _CACHE, cache))
    numbers.append(
        (
            "num_preemptions_total",
            "counter",
            "Requests put back into the line because the cache was full.",
            lambda batch: batch.totals.preemptions,
        )
    )
    observed: list[_Observed] = [
        *_OBSERVED,
        ("request_queue_time_seconds", "Seconds in the line.", lambda batch: batch.totals.queued),
    ]
    if version < (0, 12):
        observed.append(("time_per_output_token_seconds", _BETWEEN, between))
    if version >= (0, 11):
        observed.append(("inter_token_latency_seconds", _BETWEEN, between))
    finished = Family(
        "vllm:request_success_total",
        "counter",
        "Requests that ended, by the reason of the end.",
        tuple(
            ({**labels, "finished_reason": reason}, count)
            for reason, count in (("stop", 0), ("length", batch.totals.finished), ("abort", batch.totals.aborted))
        ),
    )
    return [
        *(_number("vllm:", row, batch, labels) for row in numbers),
        *(_histogram("vllm:", row, batch, labels) for row in observed),
        finished,
    ]


def _number(prefix: str, row: _Number, batch: Batch, labels: Mapping[str, str]) -> Family:
    name, kind, text, value = row
    return Family(prefix + name, kind, text, ((labels, value(batch)),))


def _histogram(prefix: str, row: _Observed, batch: Batch, labels: Mapping[str, str]) -> HistogramFamily:
    name, text, observed = row
    found = observed(batch)
    bounds = None if prefix else _NIM_BOUNDS.get(name)
    return HistogramFamily(prefix + name, text, ((labels, found.coarser(bounds) if bounds else found),))
