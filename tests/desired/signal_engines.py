"""What each engine exports, at every release that reads its signals in a way of its own, for a load told in plain numbers.

Names, labels and units are those of the engines' documentation and expositions; no expression of the catalogue is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

MICRO = 1_000_000

GAUGES = frozenset({"requests-waiting", "requests-running", "kv-cache-usage"})
"""Signals that say what is so at the moment of a scrape; the others are read from counters."""


@dataclass(frozen=True)
class Load:
    """What one model in one pod has to do."""

    rate: float
    """Requests that come, and are done, per second."""
    wait: float
    """Seconds that each waits in the server's line."""
    compute: float
    """Seconds that each is computed."""
    waiting: int
    """Requests in line at a scrape."""
    cache: float
    """Share of the memory for keys and values that is in use."""
    held: float = 0
    """Seconds that each waits behind the server's line, in an executor's own, where there is one."""

    @property
    def running(self) -> float:
        """Requests that are being computed, by Little's law."""
        return self.rate * self.compute


BUSY = Load(rate=2, wait=0.25, compute=4, waiting=3, cache=0.4, held=6)
OTHER = Load(rate=6, wait=1.5, compute=0.5, waiting=5, cache=0.1, held=1.5)
FLOOD = Load(rate=40, wait=9, compute=2, waiting=90, cache=0.95, held=30)
"""Of somebody else: nothing of it may be seen."""


@dataclass(frozen=True)
class Sample:
    """A series of a pod under a steady load."""

    metric: str
    kind: Literal["counter", "gauge", "constant"]
    value: float
    """Of a counter what is added per second; a constant does not follow the load."""
    labels: Mapping[str, str]
    twin: Mapping[str, str] | None = None
    """Labels of the series beside it that stays 0, where the engine has such."""


Exports = Callable[[str, str, Load], tuple[Sample, ...]]
"""What an engine exports for a pod, a model and its load."""


def _triton(pod: str, model: str, load: Load, *, pending: bool = True, computing: float | None = None) -> tuple[Sample, ...]:
    """Triton's own families. A model on a GPU has a second series without `gpu_uuid`, which stays 0."""
    twin = {"model": model, "version": "1"}
    labels = {**twin, "gpu_uuid": f"GPU-{pod}"}
    computed = load.compute if computing is None else computing
    whole = load.wait + computed
    counters = {
        "nv_inference_request_success": load.rate,
        "nv_inference_request_duration_us": load.rate * whole * MICRO,
        "nv_inference_queue_duration_us": load.rate * load.wait * MICRO,
        "nv_inference_compute_infer_duration_us": load.rate * computed * MICRO,
    }
    gauges = {"nv_inference_pending_request_count": load.waiting} if pending else {}
    return (
        *(Sample(metric, "counter", value, labels, twin) for metric, value in counters.items()),
        *(Sample(metric, "gauge", value, labels, twin) for metric, value in gauges.items()),
    )


def _executor(pod: str, model: str, load: Load) -> tuple[Sample, ...]:
    """Triton before an executor, to which a request is computing from the moment it hands it over; the executor's gauges name no GPU."""

    def gauge(metric: str, kind: str, name: str, value: float) -> Sample:
        return Sample(metric, "gauge", value, {"model": model, "version": "1", kind: name})

    requests, blocks = "nv_trt_llm_request_metrics", "nv_trt_llm_kv_cache_block_metrics"
    return (
        *_triton(pod, model, load, computing=load.held + load.compute),
        gauge(requests, "request_type", "active", load.running),
        gauge(requests, "request_type", "scheduled", load.running),
        gauge(requests, "request_type", "max", 64),
        gauge(requests, "request_type", "waiting", load.waiting),
        gauge(blocks, "kv_cache_block_type", "fraction", load.cache),
        gauge(blocks, "kv_cache_block_type", "used", load.cache * 6000),
        gauge(blocks, "kv_cache_block_type", "max", 6000),
    )


def _old_nim(_pod: str, model: str, load: Load) -> tuple[Sample, ...]:
    """Gauges without a prefix; what waits is in none of its counters."""
    values = {"num_requests_waiting": load.waiting, "num_requests_running": load.running, "gpu_cache_usage_perc": load.cache}
    return tuple(Sample(metric, "gauge", value, {"model_name": model}) for metric, value in values.items())


def _vllm(_pod: str, model: str, load: Load, *, cache: str) -> tuple[Sample, ...]:
    """A series for each engine of a pod: where data is parallel, an idle engine stands beside the busy one."""
    gauges = {"num_requests_waiting": load.waiting, "num_requests_running": load.running, cache: load.cache}
    counters = {
        "request_queue_time_seconds_sum": load.rate * load.wait,
        "request_queue_time_seconds_count": load.rate,
        "e2e_request_latency_seconds_sum": load.rate * (load.wait + load.compute),
        "e2e_request_latency_seconds_count": load.rate,
    }
    labels, twin = ({"model_name": model, "engine": engine} for engine in ("0", "1"))
    return (
        *(Sample(f"vllm:{name}", "gauge", value, labels, twin) for name, value in gauges.items()),
        *(Sample(f"vllm:{name}", "counter", value, labels, twin) for name, value in counters.items()),
    )


def _torchserve(pod: str, model: str, load: Load) -> tuple[Sample, ...]:
    """Counters by a model's version, and how long each worker took to load, for as long as the process lives."""
    labels, twin = ({"model_name": model, "model_version": version, "hostname": pod} for version in ("1.0", "2.0"))
    worker = {"WorkerName": f"W-9000-{model}_1.0", "Level": "Host", "Hostname": pod}
    counters = {
        "ts_inference_requests_total": load.rate,
        "ts_inference_latency_microseconds": load.rate * (load.wait + load.compute) * MICRO,
        "ts_queue_latency_microseconds": load.rate * load.wait * MICRO,
    }
    return (
        *(Sample(metric, "counter", value, labels, twin) for metric, value in counters.items()),
        Sample("WorkerLoadTime", "constant", 3000, worker, {**worker, "WorkerName": f"W-9001-{model}_2.0"}),
    )


@dataclass(frozen=True)
class Beside:
    """Another model of the same server."""

    model: str
    load: Load
    counted: frozenset[str] | None = None
    """Signals that it counts in while its server names no model; None for all."""
    exports: Exports | None = None
    """Where it exports less than the model that the server is there for."""


@dataclass(frozen=True)
class Release:
    """An engine at a version whose signals are read in a way of their own."""

    engine: str
    image: str
    signals: tuple[str, ...]
    model: str
    exports: Exports
    beside: tuple[Beside, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    names_its_model: bool = False
    """Whether `model` of the server keeps the series of that model alone."""
    must_name: bool = False
    chunk: float = 0
    """Seconds of audio in a request."""
    executor: bool = False
    """Whether requests wait behind the server's line, in its executor's."""
    without: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    """Cases that do not apply, to the engine or to some of its signals, and why."""

    @property
    def title(self) -> str:
        version = self.settings.get("version") or self.image.rpartition(":")[2]
        return f"{self.engine} {version}"


NONE: frozenset[str] = frozenset()
OF_THE_WHOLE_PIPELINE = frozenset({"queue-length", "requests-waiting"})
LLAMA = "meta/llama-3.1-8b-instruct"

_TRITON_SIGNALS = ("queue-time", "queue-length", "requests-waiting", "queue-compute-ratio")
_VLLM_SIGNALS = ("requests-waiting", "requests-running", "kv-cache-usage", "queue-time", "queue-length")
_SPEECH = {"cache": {"storageClass": "shared", "size": "50Gi"}}

TRITON = Release(
    "triton",
    "nvcr.io/nvidia/tritonserver:25.06-py3",
    _TRITON_SIGNALS,
    "sleeper",
    _triton,
    (Beside("slow", OTHER),),
    {"models": "models"},
    names_its_model=True,
)

TENSORRT_LLM = Release(
    "tensorrt-llm",
    "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3",
    ("requests-running", "queue-length", "kv-cache-usage", "requests-waiting", "queue-compute-ratio"),
    "tensorrt_llm",
    _executor,
    (
        Beside("ensemble", FLOOD, NONE, _triton),
        Beside("postprocessing", OTHER, NONE, _triton),
        Beside("tensorrt_llm_draft", OTHER, NONE),
    ),
    {"model": "meta-llama/Llama-3.1-8B", "gpuProducts": ["NVIDIA-L4"], "cache": {"claim": "engines"}},
    executor=True,
    without={
        "idle twin": dict.fromkeys(sorted(GAUGES), "the executor's gauges have no label of a GPU: one series in a pod"),
        "named model": "its signals say themselves that they read the one model on the GPU",
    },
)

RIVA = Release(
    "riva",
    "nvcr.io/nvidia/riva/riva-speech:2.19.0",
    (*_TRITON_SIGNALS, "streams"),
    "riva-trt-conformer-en-US-asr-streaming-am-streaming",
    _triton,
    (
        Beside("riva-trt-conformer-de-DE-asr-streaming-am-streaming", OTHER),
        # Every chunk goes to the decoder too, which is no stream of its own.
        Beside("conformer-en-US-asr-streaming-ctc-decoder-cpu-streaming", OTHER, OF_THE_WHOLE_PIPELINE),
    ),
    _SPEECH,
    names_its_model=True,
    chunk=0.16,
)

KALDI = Release(
    "kaldi",
    "registry.example.com/triton-kaldi:mine",
    ("queue-time", "queue-length", "queue-compute-ratio", "streams"),
    "kaldi_online",
    partial(_triton, pending=False),
    (Beside("kaldi_second", OTHER),),
    {**_SPEECH, "version": "21.05"},
    names_its_model=True,
    chunk=0.51,
)
NEW_KALDI = Release(
    "kaldi",
    "registry.example.com/triton-kaldi:mine",
    (*KALDI.signals, "requests-waiting"),
    "kaldi_online",
    _triton,
    KALDI.beside,
    {**_SPEECH, "version": "23.09"},
    names_its_model=True,
    chunk=0.51,
)

NIM = Release(
    "nim",
    "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3",
    ("requests-waiting", "requests-running", "kv-cache-usage"),
    LLAMA,
    _old_nim,
    (Beside("an-adapter", OTHER),),
    names_its_model=True,
    without={"idle twin": "it has one series for each model and no label of an engine or a GPU"},
)
NEW_NIM = Release(
    "nim",
    "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.4",
    _VLLM_SIGNALS,
    LLAMA,
    partial(_vllm, cache="kv_cache_usage_perc"),
    (Beside("an-adapter", OTHER),),
    names_its_model=True,
)

OLD_VLLM = Release(
    "vllm",
    "vllm/vllm-openai:v0.8.5",
    _VLLM_SIGNALS,
    LLAMA,
    partial(_vllm, cache="gpu_cache_usage_perc"),
    (Beside("an-adapter", OTHER, NONE),),
    {"model": LLAMA},
    names_its_model=True,
    must_name=True,
    without={"named model": "its server always names its model: `several models` is that case"},
)
VLLM = replace(OLD_VLLM, image="vllm/vllm-openai:v0.18.0", exports=partial(_vllm, cache="kv_cache_usage_perc"))

TORCHSERVE = Release(
    "torchserve",
    "pytorch/torchserve:0.12.0-gpu",
    ("queue-length", "queue-time"),
    "tiny",
    _torchserve,
    (Beside("large", OTHER),),
    {"model": "tiny", "models": "s3://bucket/models"},
    without={"named model": "its signals are those of a pod's models together, which share its GPU"},
)

RELEASES = (TRITON, TENSORRT_LLM, RIVA, KALDI, NEW_KALDI, NIM, NEW_NIM, OLD_VLLM, VLLM, TORCHSERVE)
