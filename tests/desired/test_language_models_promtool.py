"""The recording rules of the signals of NIM and vLLM as Prometheus evaluates them, each case with where its number comes from.

Scraped every 15 s, rates over 60 s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom.desired.objects import Object
from tests.desired.promtool import Given, evaluate
from tests.desired.stacks import server_of, written
from tests.evidence import Proof

pytestmark = [
    pytest.mark.tools,
    pytest.mark.proves("recording rules of NIM and vLLM through restarts, several engines and models, pods and silence", Proof.REAL),
]

MODEL = "meta/llama-3.1-8b-instruct"
WAITING, RUNNING, CACHE = "headroom:requests_waiting", "headroom:requests_running", "headroom:kv_cache_usage_ratio"
QUEUE_TIME, QUEUE_LENGTH = "headroom:queue_time_seconds", "headroom:queue_length_requests"


@dataclass(frozen=True)
class Release:
    """An engine at a version, and its names for what the cases are about."""

    engine: str
    image: str
    prefix: str
    cache: str

    def rules(self, directory: Path, signal: str, model: str | None) -> Object:
        autoscaling = {"backend": "hpa", "replicas": {"max": 4}, "signals": {signal: written(signal, 0.5)}}
        # vLLM wants its model named; its rules then count that model alone.
        named = {"model": model or MODEL} if self.engine == "vllm" or model else {}
        return server_of(directory, self.engine, self.image, autoscaling=autoscaling, **named)["rules"]

    def series(self, name: str, values: str, pod: str = "a", model: str = MODEL, server: str = "demo", **labels: str) -> Given:
        own = {"namespace": "inference", "server": server, "pod": pod, "container": self.engine, "model_name": model}
        return Given(f"{self.prefix}{self.cache if name == 'cache' else name}", values, tuple((own | labels).items()))


NIM = Release("nim", "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3", "", "gpu_cache_usage_perc")
NIM_2 = Release("nim", "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.4", "vllm:", "kv_cache_usage_perc")
OLD_VLLM = Release("vllm", "vllm/vllm-openai:v0.8.5", "vllm:", "gpu_cache_usage_perc")
VLLM = Release("vllm", "vllm/vllm-openai:v0.18.0", "vllm:", "kv_cache_usage_perc")


@dataclass(frozen=True)
class Case:
    name: str
    because: str
    signal: str
    given: Callable[[Release], tuple[Given, ...]]
    expected: dict[str, dict[str, float]]
    at: str = "5m"
    model: str | None = None


GAUGES = [
    Case(
        "waiting requests add up over pods",
        "3 in pod a, 4 in pod b",
        "requests-waiting",
        lambda of: (of.series("num_requests_waiting", "3x40"), of.series("num_requests_waiting", "4x40", pod="b")),
        {f"{WAITING}:pod": {"a": 3, "b": 4}, f"{WAITING}:server": {"": 7}},
    ),
    Case(
        "running requests add up over pods, an idle one among them",
        "100 in pod a, none in pod b",
        "requests-running",
        lambda of: (of.series("num_requests_running", "100x40"), of.series("num_requests_running", "0x40", pod="b")),
        {f"{RUNNING}:pod": {"a": 100, "b": 0}, f"{RUNNING}:server": {"": 100}},
    ),
    Case(
        "usage is the mean of the pods, a share of 1 and no percent",
        "0.41 and 0.09: two replicas with 50 % in all are at 25 %, whatever sums say",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0.41x40"), of.series("cache", "0.09x40", pod="b")),
        {f"{CACHE}:pod": {"a": 0.41, "b": 0.09}, f"{CACHE}:server": {"": 0.25}},
    ),
    Case(
        "a pod that two monitors scrape is as full as it is",
        "the same series under two jobs, as where a chart's two Services match one ServiceMonitor: a sum would read 40 %",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0.2x40", job="nim"), of.series("cache", "0.2x40", job="nim-sts")),
        {f"{CACHE}:pod": {"a": 0.2}, f"{CACHE}:server": {"": 0.2}},
    ),
    Case(
        "an idle server uses nothing",
        "the gauge is there and says 0",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0x40"),),
        {f"{CACHE}:pod": {"a": 0}, f"{CACHE}:server": {"": 0}},
    ),
    Case(
        "a restarted engine begins empty",
        "a gauge has no reset: at 2m45s it says what the new process holds",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0.9x10 0x20"),),
        {f"{CACHE}:pod": {"a": 0}, f"{CACHE}:server": {"": 0}},
        at="2m45s",
    ),
    Case(
        "another model's server does not count",
        "its series carry another server label",
        "requests-waiting",
        lambda of: (of.series("num_requests_waiting", "3x40"), of.series("num_requests_waiting", "9x40", pod="c", server="llama-70b")),
        {f"{WAITING}:pod": {"a": 3}, f"{WAITING}:server": {"": 3}},
    ),
    Case(
        "a named model counts alone",
        "a pod that serves an adapter under a name of its own",
        "requests-waiting",
        lambda of: (of.series("num_requests_waiting", "3x40"), of.series("num_requests_waiting", "9x40", model="an-adapter")),
        {f"{WAITING}:pod": {"a": 3}, f"{WAITING}:server": {"": 3}},
        model=MODEL,
    ),
    Case(
        "a gauge is blind for the one scrape that failed",
        "an old value is not passed off as new",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0.3x19 stale 0.3x20"),),
        {f"{CACHE}:pod": {}, f"{CACHE}:server": {}},
    ),
    Case(
        "and back with the next",
        "at 5m15s",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0.3x19 stale 0.3x20"),),
        {f"{CACHE}:pod": {"a": 0.3}, f"{CACHE}:server": {"": 0.3}},
        at="5m15s",
    ),
    Case(
        "after a restart of Prometheus the first scrapes are not yet believed",
        "killed at 5m and back with the scrape at 7m15s: at 7m30s there are two, of other pods perhaps none",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0.3x20 _x8 0.3x20"), up("1x20 _x8 1x20")),
        {f"{CACHE}:pod": {}, f"{CACHE}:server": {}},
        at="7m30s",
    ),
    Case(
        "the third scrape is",
        "at 7m45s",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0.3x20 _x8 0.3x20"), up("1x20 _x8 1x20")),
        {f"{CACHE}:pod": {"a": 0.3}, f"{CACHE}:server": {"": 0.3}},
        at="7m45s",
    ),
    Case(
        "without any series nothing is recorded but the target",
        "missing data is no 0",
        "kv-cache-usage",
        lambda _: (),
        {f"{CACHE}:pod": {}, f"{CACHE}:server": {}, f"{CACHE}:target": {"": 0.5}},
    ),
]


def up(values: str) -> Given:
    return Given("up", values, (("namespace", "inference"), ("server", "demo"), ("pod", "a")))


def queued(seconds: str, requests: str, **where: str) -> tuple[Given, ...]:
    """Vllm's histogram of the time in the line, its sum and its count."""
    name = "request_queue_time_seconds"
    return VLLM.series(f"{name}_sum", seconds, **where), VLLM.series(f"{name}_count", requests, **where)


HISTOGRAMS = [
    Case(
        "a steady wait is that wait",
        "30 requests per scrape, 60 s of waiting",
        "queue-time",
        lambda _: queued("0+60x40", "0+30x40"),
        {f"{QUEUE_TIME}:pod": {"a": 2}, f"{QUEUE_TIME}:server": {"": 2}},
    ),
    Case(
        "a restart's counter reset is no negative time",
        "at 2m45s sum and count begin anew",
        "queue-time",
        lambda _: queued("0+60x10 0+60x20", "0+30x10 0+30x20"),
        {f"{QUEUE_TIME}:pod": {"a": 2}, f"{QUEUE_TIME}:server": {"": 2}},
        at="2m45s",
    ),
    Case(
        "several engines of a pod are weighted by their requests, an idle one weighs nothing",
        "data parallel: 30 requests wait 2 s in engine 0, 10 wait 6 s in engine 1, none in engine 2: 120 s per 40",
        "queue-time",
        lambda _: (
            *queued("0+60x40", "0+30x40", engine="0"),
            *queued("0+60x40", "0+10x40", engine="1"),
            *queued("500x40", "90x40", engine="2"),
        ),
        {f"{QUEUE_TIME}:pod": {"a": 3}, f"{QUEUE_TIME}:server": {"": 3}},
    ),
    Case(
        "no traffic is 0 and not NaN",
        "both stand still",
        "queue-time",
        lambda _: queued("500x40", "90x40"),
        {f"{QUEUE_TIME}:pod": {"a": 0}, f"{QUEUE_TIME}:server": {"": 0}},
    ),
    Case(
        "one failed scrape keeps the value",
        "three samples are left in the window",
        "queue-time",
        lambda _: queued("0+60x19 stale 1260+60x20", "0+30x19 stale 630+30x20"),
        {f"{QUEUE_TIME}:pod": {"a": 2}, f"{QUEUE_TIME}:server": {"": 2}},
    ),
    Case(
        "time waited per second is the mean length of the line, and adds up over pods and engines",
        "pod a: 60 s and 30 s of waiting per 15 s, pod b: 15 s",
        "queue-length",
        lambda _: (
            *queued("0+60x40", "0+30x40", engine="0"),
            *queued("0+30x40", "0+30x40", engine="1"),
            *queued("0+15x40", "0+30x40", pod="b", engine="0"),
        ),
        {f"{QUEUE_LENGTH}:pod": {"a": 6, "b": 1}, f"{QUEUE_LENGTH}:server": {"": 7}},
    ),
    Case(
        "of several engines of a pod the fullest counts",
        "90 % and 10 %: requests wait at the full one, and the mean would hide it",
        "kv-cache-usage",
        lambda of: (of.series("cache", "0.9x40", engine="0"), of.series("cache", "0.1x40", engine="1")),
        {f"{CACHE}:pod": {"a": 0.9}, f"{CACHE}:server": {"": 0.9}},
    ),
    Case(
        "waiting requests add up over the engines of a pod",
        "3 and 2",
        "requests-waiting",
        lambda of: (of.series("num_requests_waiting", "3x40", engine="0"), of.series("num_requests_waiting", "2x40", engine="1")),
        {f"{WAITING}:pod": {"a": 5}, f"{WAITING}:server": {"": 5}},
    ),
]

CASES = [
    *((release, case) for release in (NIM, VLLM) for case in GAUGES),
    # Other releases have other names: one case shows that the rules ask for them.
    *((release, case) for release in (NIM_2, OLD_VLLM) for case in GAUGES if case.name.startswith("usage is the mean")),
    *((VLLM, case) for case in HISTOGRAMS),
]


@pytest.mark.parametrize(
    ("release", "case"), CASES, ids=[f"{release.image.rpartition('/')[2]} {case.signal}: {case.name}" for release, case in CASES]
)
def test_rules_record_the_signal(release: Release, case: Case, tmp_path: Path) -> None:
    rules = release.rules(tmp_path, case.signal, case.model)
    assert evaluate(rules, case.given(release), case.at, case.expected, tmp_path) == "", case.because


def test_a_wrong_number_is_seen(tmp_path: Path) -> None:
    rules = NIM.rules(tmp_path, "kv-cache-usage", None)
    assert evaluate(rules, (NIM.series("cache", "0.2x40"),), "5m", {f"{CACHE}:server": {"": 0.3}}, tmp_path) != ""
