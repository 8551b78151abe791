"""The recording rules of TorchServe's signals as Prometheus evaluates them, each case with where its number comes from.

Scraped every 15 s, rates over 60 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.desired.promtool import Given, evaluate
from tests.desired.stacks import server_of, written
from tests.evidence import Proof

pytestmark = [
    pytest.mark.tools,
    pytest.mark.proves("recording rules of TorchServe through restarts, several models and pods, silence and a new Prometheus", Proof.REAL),
]

IMAGE = "pytorch/torchserve:0.12.0-gpu"
WAITED, RECEIVED, LOADED = "ts_queue_latency_microseconds", "ts_inference_requests_total", "WorkerLoadTime"
LENGTH, TIME = "headroom:queue_length_requests", "headroom:queue_time_seconds"


def series(metric: str, values: str, pod: str = "a", model: str = "tiny", server: str = "demo") -> Given:
    target = {"namespace": "inference", "server": server, "pod": pod, "container": "torchserve"}
    return Given(metric, values, tuple({**target, "model_name": model, "model_version": "default", "hostname": pod}.items()))


def loaded(pod: str = "a", worker: str = "W-9000-tiny_1.0", values: str = "3000x80") -> Given:
    target = {"namespace": "inference", "server": "demo", "pod": pod, "container": "torchserve"}
    return Given(LOADED, values, tuple({**target, "WorkerName": worker, "Level": "Host", "Hostname": pod}.items()))


def scraped(values: str, pod: str = "a") -> Given:
    return Given("up", values, (("namespace", "inference"), ("server", "demo"), ("pod", pod)))


def served(requests: int, wait_ms: int, pod: str = "a", model: str = "tiny") -> tuple[Given, ...]:
    """`requests` come and are done between two scrapes, each after waiting `wait_ms`, in a pod with a loaded worker."""
    waited, received = f"0+{requests * wait_ms * 1000}x80", f"0+{requests}x80"
    return series(WAITED, waited, pod, model), series(RECEIVED, received, pod, model), loaded(pod)


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
        "time waited per second is how many wait",
        "30 requests wait 200 ms each in 15 s: 6 s of waiting per 15 s",
        "queue-length",
        served(30, 200),
        {f"{LENGTH}:pod": {"a": 0.4}, f"{LENGTH}:server": {"": 0.4}},
    ),
    Case(
        "who waits in two pods waits in the server",
        "0.4 in pod a, 2 in pod b",
        "queue-length",
        (*served(30, 200), *served(30, 1000, "b")),
        {f"{LENGTH}:pod": {"a": 0.4, "b": 2}, f"{LENGTH}:server": {"": 2.4}},
    ),
    Case(
        "the models of a pod share its GPU and add up",
        "0.4 for one, 2 for the other",
        "queue-length",
        (*served(30, 200), *served(30, 1000, model="large")[:2]),
        {f"{LENGTH}:pod": {"a": 2.4}, f"{LENGTH}:server": {"": 2.4}},
    ),
    Case(
        "a restart's counter reset is no negative line",
        "at 2m45s the counter begins anew: of a window's 60 s it saw 30, and nothing of the 15 around the restart",
        "queue-length",
        (series(WAITED, "0+6000000x10 0+6000000x70"), loaded()),
        {f"{LENGTH}:server": {"": 12 / 45}},
        at="2m45s",
    ),
    Case(
        "a pod that has served nobody has no line",
        "a model's counters begin with its first request: the worker that has loaded says that there is none",
        "queue-length",
        (loaded(),),
        {f"{LENGTH}:pod": {"a": 0}, f"{LENGTH}:server": {"": 0}},
    ),
    Case(
        "no traffic any more is 0",
        "the counter stands still",
        "queue-length",
        (series(WAITED, "90000000+0x80"), loaded()),
        {f"{LENGTH}:pod": {"a": 0}, f"{LENGTH}:server": {"": 0}},
    ),
    Case(
        "workers that are gone, and further ones, add nothing to it",
        "TorchServe goes on showing how long each has taken to load",
        "queue-length",
        (*served(30, 200), loaded(worker="W-9001-tiny_1.0"), loaded(worker="W-9002-tiny_1.0")),
        {f"{LENGTH}:pod": {"a": 0.4}},
    ),
    Case(
        "one failed scrape keeps the line",
        "the scrape at 5m failed: three samples are left in the window, and their slope is the same",
        "queue-length",
        (series(WAITED, "0+6000000x19 stale 126000000+6000000x50"), loaded()),
        {f"{LENGTH}:server": {"": 0.4}},
    ),
    Case(
        "another server does not count",
        "its series carry another server label",
        "queue-length",
        (*served(30, 200), series(WAITED, "0+90000000x80", "c", server="other")),
        {f"{LENGTH}:pod": {"a": 0.4}, f"{LENGTH}:server": {"": 0.4}},
    ),
    Case(
        "a Prometheus that is just back is blind",
        "it did not scrape from 2m15s to 4m45s; at 5m it has looked once",
        "queue-length",
        (series(WAITED, "0+6000000x8 _x11 120000000+6000000x50"), loaded(values="3000x8 _x11 3000x50"), scraped("1x8 _x11 1x50")),
        {f"{LENGTH}:pod": {}, f"{LENGTH}:server": {}},
    ),
    Case(
        "a Prometheus that has looked for a minute sees again",
        "the same at 6m: four samples since",
        "queue-length",
        (series(WAITED, "0+6000000x8 _x11 120000000+6000000x50"), loaded(values="3000x8 _x11 3000x50"), scraped("1x8 _x11 1x50")),
        {f"{LENGTH}:pod": {"a": 0.4}, f"{LENGTH}:server": {"": 0.4}},
        at="6m",
    ),
    Case(
        "without any series nothing is recorded but the target",
        "missing data is no 0: the autoscaler is blind and holds",
        "queue-length",
        (),
        {f"{LENGTH}:pod": {}, f"{LENGTH}:server": {}, f"{LENGTH}:target": {"": 0.5}},
    ),
    Case(
        "a steady wait is that wait",
        "30 requests wait 200 ms each: 6 s of waiting per 30 requests",
        "queue-time",
        served(30, 200),
        {f"{TIME}:pod": {"a": 0.2}, f"{TIME}:server": {"": 0.2}},
    ),
    Case(
        "pods are weighted by their requests",
        "90 requests wait 100 ms and 10 wait 1 s: 19 s per 100 requests, where the mean of the pods would be 550 ms",
        "queue-time",
        (*served(90, 100), *served(10, 1000, "b")),
        {f"{TIME}:pod": {"a": 0.1, "b": 1}, f"{TIME}:server": {"": 0.19}},
    ),
    Case(
        "a wait without traffic is 0 and not NaN",
        "neither counter is there yet, and the floor of the denominator makes that 0",
        "queue-time",
        (loaded(),),
        {f"{TIME}:pod": {"a": 0}, f"{TIME}:server": {"": 0}},
    ),
    Case(
        "while a line grows the wait reads too little",
        "60 requests come in 15 s and 30 are done: 6 s of waiting credited, by 60 requests",
        "queue-time",
        (series(WAITED, "0+6000000x80"), series(RECEIVED, "0+60x80"), loaded()),
        {f"{TIME}:server": {"": 0.1}},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.signal}: {case.name}")
def test_rules_record_the_signal(case: Case, tmp_path: Path) -> None:
    autoscaling = {"backend": "hpa", "replicas": {"max": 4}, "signals": {case.signal: written(case.signal, 0.5)}}
    rules = server_of(tmp_path, "torchserve", IMAGE, model="tiny", models="s3://bucket/models", autoscaling=autoscaling)["rules"]
    assert evaluate(rules, case.given, case.at, case.expected, tmp_path) == "", case.because
