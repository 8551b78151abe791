"""Every signal of every engine's releases, in the cases that a signal must survive: what an engine would export, and what is then true.

A pod's load is told in plain numbers. What its engine exports for it, scrape by scrape, and the value of a signal both follow from these
numbers, the value from the signal's meaning: no expression of the catalogue is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from tests.desired.promtool import Given

SECONDS = 15
"""Between two scrapes; rates are over four of them."""
MICRO = 1_000_000

GAUGES = frozenset({"requests-waiting", "requests-running", "kv-cache-usage"})
"""Signals that say what is so at the moment of a scrape; the others are read from counters."""
SUMS = frozenset({"queue-length", "streams"})
"""Signals from counters that are so much per second: what nobody saw is missing in them. It cancels out in those that are a ratio."""
RECORDS = {
    "queue-time": "headroom:queue_time_seconds",
    "queue-length": "headroom:queue_length_requests",
    "queue-compute-ratio": "headroom:queue_compute_ratio",
    "requests-waiting": "headroom:requests_waiting",
    "requests-running": "headroom:requests_running",
    "kv-cache-usage": "headroom:kv_cache_usage_ratio",
    "streams": "headroom:streams_requests",
}


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

_VLLM_NAMED = "its server always names its model: `several models` is that case"
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
    without={"named model": _VLLM_NAMED},
)
VLLM = Release(
    "vllm",
    "vllm/vllm-openai:v0.18.0",
    _VLLM_SIGNALS,
    LLAMA,
    partial(_vllm, cache="kv_cache_usage_perc"),
    (Beside("an-adapter", OTHER, NONE),),
    {"model": LLAMA},
    names_its_model=True,
    must_name=True,
    without={"named model": _VLLM_NAMED},
)

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


@dataclass(frozen=True)
class Pod:
    """A pod's models and their load, as seen over time: places are those of scrapes, counted from 0."""

    models: Mapping[str, Load]
    until: int | None = None
    """The last scrape before which somebody asked for something."""
    begins: int | None = None
    """The first scrape of a new process, whose counters began anew half an interval before."""
    failed: tuple[int, ...] = ()
    """Scrapes that failed."""


@dataclass(frozen=True)
class Look:
    """What must be recorded at a scrape."""

    at: int
    seen: float | None = 1
    """Share of the window's increments that was seen: 1 for a value that is right; None where nothing may be recorded."""

    @property
    def time(self) -> str:
        return f"{self.at * SECONDS}s"


@dataclass(frozen=True)
class Case:
    """Something that happens to a server, and when its signal is looked at."""

    name: str
    because: str
    pods: Callable[[Release], dict[str, Pod]]
    looks: Callable[[str], tuple[Look, ...]]
    twin: bool = False
    named: bool = False
    unwatched: range = range(0)
    """Scrapes that nobody made, for there was no Prometheus."""
    without: Mapping[str, str] = field(default_factory=dict)
    """Signals that it does not apply to, in any engine, and why."""

    def reason_against(self, release: Release, signal: str) -> str | None:
        """Why it does not apply to a signal; None where it does."""
        said = release.without.get(self.name)
        return self.without.get(signal) or (said if isinstance(said, str) or said is None else said.get(signal))


def _alone(**happens: Any) -> Callable[[Release], dict[str, Pod]]:
    return lambda release: {"a": Pod({release.model: BUSY}, **happens)}


def _several(release: Release) -> dict[str, Pod]:
    """The model of the server and those beside it; in a second pod the loads are exchanged."""
    first = {release.model: BUSY, **{other.model: other.load for other in release.beside}}
    return {"a": Pod(first), "b": Pod({**dict.fromkeys(first, BUSY), release.model: OTHER})}


def _right(*at: int) -> Callable[[str], tuple[Look, ...]]:
    return lambda _: tuple(map(Look, at))


def _after_a_reset(signal: str) -> tuple[Look, ...]:
    """One of a window's three increments is lost in part: a sum is between two thirds and the whole, a ratio loses nothing."""
    seen = 2 / 3 if signal in SUMS else 1
    return (Look(10), *(Look(at, seen) for at in range(11, 15)), Look(15), Look(30))


def _around_a_failure(signal: str) -> tuple[Look, ...]:
    """A gauge has no earlier sample to count with, and an old one is not passed off as new; counters go on.

    Where the failed scrape is the first of a window, a rate is told of what follows it: a sum then knows half of its window, once.
    """
    half = 0.5 if signal in SUMS else 1
    return (Look(19), Look(20, None if signal in GAUGES else 1), *map(Look, (21, 22)), Look(23, half), *map(Look, range(24, 28)))


def _after_a_restart_of_prometheus(signal: str) -> tuple[Look, ...]:
    """Absent until a pod was scraped three times. A sum then knows half of its window, and with the fourth scrape the whole."""
    half = 0.5 if signal in SUMS else 1
    return (Look(20), *(Look(at, None) for at in (26, 40, 48, 49, 50)), Look(51, half), *map(Look, range(52, 58)))


CASES = (
    Case("steady load", "the numbers of the load themselves", _alone(), _right(4, 20)),
    Case(
        "counter reset",
        "a new process in the same pod counts from 0: never less than one lost scrape explains, and never more than is true",
        _alone(begins=11),
        _after_a_reset,
        without=dict.fromkeys(sorted(GAUGES), "a gauge has no reset"),
    ),
    Case("idle twin", "a series of the same pod that stays 0 neither adds nor dilutes", _alone(), _right(20), twin=True),
    Case("several models", "what counts of them is what the signal is about", _several, _right(20)),
    Case("named model", "a server that names its model counts that one alone", _several, _right(20), named=True),
    Case(
        "zero traffic",
        "once the last request has left the window a signal is 0: neither absent nor NaN",
        _alone(until=10),
        lambda _: (Look(10), *(Look(at) for at in (13, 14, 20, 40))),
    ),
    Case("one missing scrape", "counters bridge it, a gauge is blind for it alone", _alone(failed=(20,)), _around_a_failure),
    Case(
        "restart of Prometheus",
        "killed at 5m and back with the scrape at 12m15s: samples from before are not taken for the present",
        _alone(),
        _after_a_restart_of_prometheus,
        unwatched=range(21, 49),
    ),
    Case(
        "two pods",
        "sums add up, a wait is weighted by who waited, the cache is the mean; an idle third pod has its 0",
        lambda release: {"a": Pod({release.model: BUSY}), "b": Pod({release.model: OTHER}), "c": Pod({release.model: BUSY}, until=0)},
        _right(20),
    ),
)

LAST = 60
"""The last scrape."""


def given(release: Release, case: Case) -> list[Given]:
    """The series of the server's pods as they were scraped, and those of a server beside it."""
    series: list[Given] = []
    pods = {**{name: ("demo", pod) for name, pod in case.pods(release).items()}, "z": ("other", Pod({release.model: FLOOD}))}
    for name, (server, pod) in pods.items():
        target = {"namespace": "inference", "server": server, "pod": name}
        series.append(_series("up", target, [0 if at in pod.failed else 1 for at in range(LAST + 1)], case.unwatched))
        exports = {other.model: other.exports for other in release.beside if other.exports}
        for model, load in pod.models.items():
            for sample in exports.get(model, release.exports)(name, model, load):
                own = {**target, "container": release.engine}
                values = [None if at in pod.failed else _value(sample, pod, at) for at in range(LAST + 1)]
                series.append(_series(sample.metric, own | dict(sample.labels), values, case.unwatched))
                if case.twin and sample.twin is not None:
                    idle = [sample.value if sample.kind == "constant" else 0] * (LAST + 1)
                    series.append(_series(sample.metric, own | dict(sample.twin), idle, case.unwatched))
    return series


def _value(sample: Sample, pod: Pod, at: int) -> float:
    """What a series shows at a scrape."""
    if sample.kind == "constant":
        return sample.value
    if sample.kind == "gauge":
        # A process that has just begun holds nothing yet.
        idle = at == pod.begins or (pod.until is not None and at > pod.until)
        return 0 if idle else sample.value
    intervals = float(at if pod.until is None else min(at, pod.until))
    if pod.begins is not None and at >= pod.begins:
        intervals -= pod.begins - 0.5
    return sample.value * SECONDS * intervals


def _series(metric: str, labels: Mapping[str, str], values: Sequence[float | None], unwatched: range) -> Given:
    """None is a failed scrape, after which Prometheus marks the series as gone."""
    shown = ("_" if at in unwatched else "stale" if value is None else f"{value:.10g}" for at, value in enumerate(values))
    return Given(metric, " ".join(shown), tuple(labels.items()))


@dataclass(frozen=True)
class Range:
    """Between which numbers a value must be; one number where both are the same."""

    low: float
    high: float


def expected(release: Release, case: Case, signal: str, look: Look) -> dict[str, dict[str, Range]]:
    """By recorded series and by pod, `""` for the server: what is true there at the time of looking."""
    record = RECORDS[signal]
    if look.seen is None:
        return {f"{record}:pod": {}, f"{record}:server": {}}
    loads = {name: _loads(release, case, signal, pod, look.at) for name, pod in case.pods(release).items()}
    ranges = {
        name: Range(_truth(release, signal, those, look.seen), _truth(release, signal, those, 1))
        for name, those in {**{name: [of] for name, of in loads.items()}, "": list(loads.values())}.items()
    }
    return {f"{record}:pod": {name: of for name, of in ranges.items() if name}, f"{record}:server": {"": ranges[""]}}


def _loads(release: Release, case: Case, signal: str, pod: Pod, at: int) -> list[Load]:
    """Of a pod, those that count in a signal at the time; nothing once nobody asks any more."""
    alone = case.named or release.must_name
    uncounted = {other.model for other in release.beside if alone or (other.counted is not None and signal not in other.counted)}
    idle = pod.until is not None and at > pod.until
    return [Load(0, 0, 0, 0, 0) if idle else load for model, load in pod.models.items() if model not in uncounted]


def _truth(release: Release, signal: str, pods: Sequence[Sequence[Load]], seen: float) -> float:
    """A signal's value by its meaning, were only that share of a window's counts seen. Every inner list is a pod's models."""
    models = [load for pod in pods for load in pod]
    requests = sum(load.rate for load in models)
    waited = sum(load.rate * load.wait for load in models)
    computed = sum(load.rate * (load.held * release.executor + load.compute) for load in models)
    match signal:
        case "queue-time":
            return waited / requests if requests else 0
        case "queue-compute-ratio":
            return waited / computed if computed else 0
        case "queue-length" if release.executor:
            # Who is inside and not running waits; what was not seen of those inside is taken for nobody.
            return sum(max(0, seen * load.rate * (load.held + load.compute) - load.running) for load in models)
        case "queue-length":
            return seen * waited
        case "streams":
            return seen * requests * release.chunk
        case "requests-waiting":
            return sum(load.waiting for load in models)
        case "requests-running":
            return sum(load.running for load in models)
        case "kv-cache-usage":
            # A pod is as full as the fullest of its caches.
            return sum(max(load.cache for load in pod) for pod in pods) / len(pods)
    raise KeyError(signal)
