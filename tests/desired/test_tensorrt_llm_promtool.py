"""The recording rules of TensorRT-LLM's signals as Prometheus evaluates them, each case with where its number comes from.

Scraped every 15 s, rates over 60 s. The server's own series are those of the model `tensorrt_llm`; three others run beside it on the CPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom.desired.objects import Object
from tests.desired.promtool import Given, evaluate
from tests.desired.stacks import server_of
from tests.evidence import Proof

pytestmark = [
    pytest.mark.tools,
    pytest.mark.proves(
        "recording rules of TensorRT-LLM see its executor's queue, through restarts, several models, pods and silence", Proof.REAL
    ),
]

RUNNING, WAITING, LENGTH = "headroom:requests_running", "headroom:requests_waiting", "headroom:queue_length_requests"
CACHE, RATIO = "headroom:kv_cache_usage_ratio", "headroom:queue_compute_ratio"
IMAGE = "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3"
SECOND = 1_000_000
"""In microseconds, as Triton counts."""


def rules(directory: Path, signal: str) -> Object:
    return server_of(
        directory,
        "tensorrt-llm",
        IMAGE,
        model="meta-llama/Llama-3.1-8B",
        gpuProducts=["NVIDIA-L4"],
        cache={"claim": "engines"},
        autoscaling={"backend": "hpa", "replicas": {"max": 4}, "signals": {signal: "0.5"}},
    )["rules"]


def series(metric: str, values: str, pod: str = "a", model: str = "tensorrt_llm", server: str = "demo", **labels: str) -> Given:
    own = {"namespace": "inference", "server": server, "pod": pod, "container": "tensorrt-llm", "model": model, "version": "1"}
    return Given(metric, values, tuple((own | labels).items()))


def requests(kind: str, values: str, **where: str) -> Given:
    return series("nv_trt_llm_request_metrics", values, request_type=kind, **where)


def computed(values: str, **where: str) -> Given:
    return series("nv_inference_compute_infer_duration_us", values, **where)


def queued(values: str, **where: str) -> Given:
    return series("nv_inference_queue_duration_us", values, **where)


def inside(count: int, active: int, **where: str) -> tuple[Given, Given]:
    """So many requests in the server on average, of which so many are active."""
    return computed(f"0+{count * 15 * SECOND}x40", **where), requests("active", f"{active}x40", **where)


@dataclass(frozen=True)
class Case:
    name: str
    because: str
    signal: str
    given: tuple[Given, ...]
    expected: dict[str, dict[str, float]]
    at: str = "5m"


CASES = [
    Case(
        "active requests add up over pods, an idle one among them",
        "8 in pod a, 3 in pod b, none in pod c; what is scheduled or the most there may be is not added",
        "requests-running",
        (
            *(requests("active", "8x40"), requests("scheduled", "8x40"), requests("max", "8x40"), requests("waiting", "0x40")),
            *(requests("active", "3x40", pod="b"), requests("active", "0x40", pod="c")),
        ),
        {f"{RUNNING}:pod": {"a": 8, "b": 3, "c": 0}, f"{RUNNING}:server": {"": 11}},
    ),
    Case(
        "requests in the executor's queue are seen although every gauge stops at its places",
        "20 requests are inside on average and 8 are active: 12 wait where no gauge looks",
        "queue-length",
        inside(20, 8),
        {f"{LENGTH}:pod": {"a": 12}, f"{LENGTH}:server": {"": 12}},
    ),
    Case(
        "queues add up over pods and one with room takes nothing off",
        "12 wait in pod a; in pod b fewer requests completed than are active, as after a start: 0 and not less",
        "queue-length",
        (*inside(20, 8), *inside(2, 5, pod="b")),
        {f"{LENGTH}:pod": {"a": 12, "b": 0}, f"{LENGTH}:server": {"": 12}},
    ),
    Case(
        "tokenizer, detokenizer and ensemble do not count as computing",
        "the ensemble's time holds that of its members, the detokenizer runs once for every token",
        "queue-length",
        (*inside(20, 8), computed(f"0+{300 * SECOND}x40", model="ensemble"), computed(f"0+{90 * SECOND}x40", model="postprocessing")),
        {f"{LENGTH}:pod": {"a": 12}, f"{LENGTH}:server": {"": 12}},
    ),
    Case(
        "a twin series without a GPU does not count twice",
        "it stays 0",
        "queue-length",
        (*inside(20, 8), computed("0x40", gpu_uuid="GPU-0")),
        {f"{LENGTH}:pod": {"a": 12}, f"{LENGTH}:server": {"": 12}},
    ),
    Case(
        "a restart's counter reset is no negative time",
        "at 2m45s the counter begins anew, and nothing has completed since: 600 s of computing in 45 s, less the 8 that are active",
        "queue-length",
        (computed(f"0+{300 * SECOND}x10 0+{300 * SECOND}x20"), requests("active", "8x40")),
        {f"{LENGTH}:pod": {"a": 16 / 3}, f"{LENGTH}:server": {"": 16 / 3}},
        at="2m45s",
    ),
    Case(
        "no traffic is 0",
        "counters stand still and nothing is active",
        "queue-length",
        (computed(f"{900 * SECOND}x40"), requests("active", "0x40")),
        {f"{LENGTH}:pod": {"a": 0}, f"{LENGTH}:server": {"": 0}},
    ),
    Case(
        "one failed scrape keeps the value",
        "the scrape at 5m failed: three samples are left in the window",
        "queue-length",
        (
            computed(f"0+{300 * SECOND}x19 stale {21 * 300 * SECOND}+{300 * SECOND}x20"),
            requests("active", "8x19 stale 8x20"),
        ),
        {f"{LENGTH}:pod": {"a": 12}, f"{LENGTH}:server": {"": 12}},
    ),
    Case(
        "another server of the namespace does not count",
        "its series carry another server label",
        "queue-length",
        (*inside(20, 8), *inside(90, 8, pod="c", server="other")),
        {f"{LENGTH}:pod": {"a": 12}, f"{LENGTH}:server": {"": 12}},
    ),
    Case(
        "without its counters nothing is recorded but the target",
        "missing data is no 0",
        "queue-length",
        (requests("active", "8x40"),),
        {f"{LENGTH}:pod": {}, f"{LENGTH}:server": {}, f"{LENGTH}:target": {"": 0.5}},
    ),
    Case(
        "a use of the cache is a share, its mean over the pods the server's",
        "half and a tenth; the other kinds of the family are counts of blocks",
        "kv-cache-usage",
        (
            series("nv_trt_llm_kv_cache_block_metrics", "0.5x40", kv_cache_block_type="fraction"),
            series("nv_trt_llm_kv_cache_block_metrics", "6239x40", kv_cache_block_type="max"),
            series("nv_trt_llm_kv_cache_block_metrics", "0.1x40", kv_cache_block_type="fraction", pod="b"),
        ),
        {f"{CACHE}:pod": {"a": 0.5, "b": 0.1}, f"{CACHE}:server": {"": 0.3}},
    ),
    Case(
        "waiting requests add up over pods",
        "those whose cache or tokens do not fit the present iteration: 3 and 4",
        "requests-waiting",
        (requests("waiting", "3x40"), requests("waiting", "4x40", pod="b")),
        {f"{WAITING}:pod": {"a": 3, "b": 4}, f"{WAITING}:server": {"": 7}},
    ),
    Case(
        "a difference of two counts of different moments is not less than nobody",
        "pod a says -1",
        "requests-waiting",
        (requests("waiting", "-1x40"), requests("waiting", "4x40", pod="b")),
        {f"{WAITING}:pod": {"a": 0, "b": 4}, f"{WAITING}:server": {"": 4}},
    ),
    Case(
        "a gauge is blind for the one scrape that failed",
        "an old value is not passed off as new",
        "requests-running",
        (requests("active", "8x19 stale 8x20"),),
        {f"{RUNNING}:pod": {}, f"{RUNNING}:server": {}},
    ),
    Case(
        "after a restart of Prometheus the first scrapes are not yet believed",
        "killed at 5m and back with the scrape at 7m15s: at 7m30s there are two, of other pods perhaps none",
        "requests-running",
        (requests("active", "8x20 _x8 8x20"), Given("up", "1x20 _x8 1x20", (("namespace", "inference"), ("server", "demo"), ("pod", "a")))),
        {f"{RUNNING}:pod": {}, f"{RUNNING}:server": {}},
        at="7m30s",
    ),
    Case(
        "the ratio is that of the model on the GPU alone",
        "the detokenizer waits 20 s per scrape, which the published rule reads; the model waits 3 s and computes 30 s",
        "queue-compute-ratio",
        (
            *(queued(f"0+{3 * SECOND}x40"), computed(f"0+{30 * SECOND}x40")),
            *(queued(f"0+{20 * SECOND}x40", model="postprocessing"), computed(f"0+{SECOND}x40", model="postprocessing")),
        ),
        {f"{RATIO}:pod": {"a": 0.1}, f"{RATIO}:server": {"": 0.1}},
    ),
    Case(
        "the ratio of two pods is that of their sums",
        "1 s by 10 s and 9 s by 1 s: 10 s by 11 s",
        "queue-compute-ratio",
        (
            *(queued(f"0+{SECOND}x40"), computed(f"0+{10 * SECOND}x40")),
            *(queued(f"0+{9 * SECOND}x40", pod="b"), computed(f"0+{SECOND}x40", pod="b")),
        ),
        {f"{RATIO}:pod": {"a": 0.1, "b": 9}, f"{RATIO}:server": {"": 10 / 11}},
    ),
    Case(
        "the ratio without traffic is 0 and not NaN",
        "both counters stand still",
        "queue-compute-ratio",
        (queued("5000000x40"), computed("5000000x40")),
        {f"{RATIO}:pod": {"a": 0}, f"{RATIO}:server": {"": 0}},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.signal}: {case.name}")
def test_rules_record_the_signal(case: Case, tmp_path: Path) -> None:
    assert evaluate(rules(tmp_path, case.signal), case.given, case.at, case.expected, tmp_path) == "", case.because
