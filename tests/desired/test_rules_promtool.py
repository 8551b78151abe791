"""The recording rules of Triton's signals as Prometheus evaluates them, each case with where its number comes from.

Scraped every 15 s, rates over 60 s. A window holds four samples, and a steady counter's rate in it is its slope, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.desired.promtool import Given, check, evaluate
from tests.desired.stacks import demo, every_object, title, written
from tests.evidence import Proof

pytestmark = [
    pytest.mark.tools,
    pytest.mark.proves("recording rules give a signal's number through restarts, idle series, several pods and silence", Proof.REAL),
]

QUEUE = "nv_inference_queue_duration_us"
DONE = "nv_inference_request_success"
COMPUTE = "nv_inference_compute_infer_duration_us"
PENDING = "nv_inference_pending_request_count"

QUEUE_TIME = "headroom:queue_time_seconds"
QUEUE_LENGTH = "headroom:queue_length_requests"
WAITING = "headroom:requests_waiting"
RATIO = "headroom:queue_compute_ratio"


def series(metric: str, values: str, pod: str = "a", model: str = "sleeper", server: str = "demo", **labels: str) -> Given:
    """A series of a pod as Prometheus stores it, `gpu_uuid` and the like in `labels`."""
    own = {"namespace": "inference", "server": server, "pod": pod, "container": "triton", "model": model, "version": "1"}
    return Given(metric, values, tuple((own | labels).items()))


def steady(per_scrape: int) -> str:
    return f"0+{per_scrape}x40"


def served(requests: int, wait_ms: int, **where: str) -> tuple[Given, Given]:
    """`requests` complete between two scrapes, each after waiting `wait_ms`."""
    return series(QUEUE, steady(requests * wait_ms * 1000), **where), series(DONE, steady(requests), **where)


@dataclass(frozen=True)
class Case:
    name: str
    because: str
    signal: str
    given: tuple[Given, ...]
    expected: dict[str, dict[str, float]]
    at: str = "5m"
    model: str | None = None


CASES = [
    Case(
        "a steady wait is that wait",
        "30 requests wait 200 ms each: 6 s of waiting per 30 requests",
        "queue-time",
        served(30, 200),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "a restart's counter reset is no negative time",
        "at 2m45s the counters begin anew: the window holds 8, 9 and 10 times 30 requests and 0; 60 requests waited 12 s",
        "queue-time",
        (series(QUEUE, "0+6000000x10 0+6000000x20"), series(DONE, "0+30x10 0+30x20")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
        at="2m45s",
    ),
    Case(
        "the twin series without a GPU does not dilute",
        "a model on a GPU has a second series without gpu_uuid that stays 0: sums ignore it, a mean over series would read 100 ms",
        "queue-time",
        (*served(30, 200, gpu_uuid="GPU-0"), *served(0, 0)),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "an idle model does not dilute",
        "the other model completed 600 requests long ago and none since",
        "queue-time",
        (*served(30, 200), series(QUEUE, "90000000+0x40", model="idle"), series(DONE, "600+0x40", model="idle")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "several models are weighted by their requests",
        "30 requests wait 200 ms and 10 wait 1 s: 16 s per 40 requests, where the mean of the models would be 600 ms",
        "queue-time",
        (*served(30, 200), *served(10, 1000, model="slow")),
        {f"{QUEUE_TIME}:pod": {"a": 0.4}, f"{QUEUE_TIME}:server": {"": 0.4}},
    ),
    Case(
        "a server's model filter counts that model alone",
        "of the same two models only the one whose requests wait 200 ms",
        "queue-time",
        (*served(30, 200), *served(10, 1000, model="slow")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
        model="sleeper",
    ),
    Case(
        "no traffic is 0 and not NaN",
        "counters stand still: 0 s per 0 requests, and the floor of the denominator makes that 0",
        "queue-time",
        (series(QUEUE, "90000000+0x40"), series(DONE, "600+0x40")),
        {f"{QUEUE_TIME}:pod": {"a": 0}, f"{QUEUE_TIME}:server": {"": 0}},
    ),
    Case(
        "a single request in the window is not swallowed by the floor",
        "one request waited 2 s: over 60 s that is 0.0167 requests per second, above the floor of 0.001",
        "queue-time",
        (series(QUEUE, "90000000+0x18 92000000+0x20"), series(DONE, "600+0x18 601+0x20")),
        {f"{QUEUE_TIME}:pod": {"a": 2}, f"{QUEUE_TIME}:server": {"": 2}},
    ),
    Case(
        "one failed scrape keeps the value",
        "the scrape at 5m failed: three samples are left in the window, and their slope is the same",
        "queue-time",
        (series(QUEUE, "0+6000000x19 stale 126000000+6000000x20"), series(DONE, "0+30x19 stale 630+30x20")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "two failed scrapes keep the value",
        "at 4m45s and 5m: two samples are left, the least that has a slope",
        "queue-time",
        (series(QUEUE, "0+6000000x18 stale stale 126000000+6000000x20"), series(DONE, "0+30x18 stale stale 630+30x20")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "two pods are weighted by their requests",
        "90 requests wait 100 ms and 10 wait 1 s: 19 s per 100 requests, where the mean of the pods would be 550 ms",
        "queue-time",
        (*served(90, 100), *served(10, 1000, pod="b")),
        {f"{QUEUE_TIME}:pod": {"a": 0.1, "b": 1}, f"{QUEUE_TIME}:server": {"": 0.19}},
    ),
    Case(
        "an idle pod does not dilute the server",
        "pod b reads 0 by itself and adds nothing to numerator or denominator",
        "queue-time",
        (*served(30, 200), series(QUEUE, "0x40", pod="b"), series(DONE, "0x40", pod="b")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2, "b": 0}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "a pod that was scraped once has no rate yet",
        "pod b appears at 5m: one sample has no slope",
        "queue-time",
        (*served(30, 200), series(QUEUE, "_x20 0+9x20", pod="b"), series(DONE, "_x20 0+9x20", pod="b")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "a pod that is gone leaves with the window",
        "pod b's last sample was at 4m: the window at 5m begins after it",
        "queue-time",
        (*served(30, 200), series(QUEUE, "0+90000000x16 stale", pod="b"), series(DONE, "0+30x16 stale", pod="b")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "another server of the same namespace does not count",
        "its series carry another server label",
        "queue-time",
        (*served(30, 200), *served(30, 9000, pod="c", server="other")),
        {f"{QUEUE_TIME}:pod": {"a": 0.2}, f"{QUEUE_TIME}:server": {"": 0.2}},
    ),
    Case(
        "without any series nothing is recorded but the target",
        "missing data is no 0: the autoscaler is blind and holds",
        "queue-time",
        (),
        {f"{QUEUE_TIME}:pod": {}, f"{QUEUE_TIME}:server": {}, f"{QUEUE_TIME}:target": {"": 0.5}},
    ),
    Case(
        "a server that vanished is no longer recorded",
        "its last sample was at 3m",
        "queue-time",
        (series(QUEUE, "0+6000000x12 stale"), series(DONE, "0+30x12 stale")),
        {f"{QUEUE_TIME}:pod": {}, f"{QUEUE_TIME}:server": {}},
    ),
    Case(
        "time waited per second is how many wait, and adds up over models and pods",
        "6 s of waiting in 15 s and another model's 15 s in pod a, 30 s in pod b",
        "queue-length",
        (*served(30, 200), *served(15, 1000, model="other"), *served(30, 1000, pod="b")),
        {f"{QUEUE_LENGTH}:pod": {"a": 1.4, "b": 2}, f"{QUEUE_LENGTH}:server": {"": 3.4}},
    ),
    Case(
        "the twin series without a GPU adds nothing to the line",
        "it stays 0",
        "queue-length",
        (*served(30, 200, gpu_uuid="GPU-0"), *served(0, 0)),
        {f"{QUEUE_LENGTH}:pod": {"a": 0.4}, f"{QUEUE_LENGTH}:server": {"": 0.4}},
    ),
    Case(
        "a restart's counter reset is no negative line",
        "at 2m45s the counter begins anew: 12 s of waiting between three samples, and 0, make 16 s in a whole window",
        "queue-length",
        (series(QUEUE, "0+6000000x10 0+6000000x20"),),
        {f"{QUEUE_LENGTH}:pod": {"a": 16 / 60}, f"{QUEUE_LENGTH}:server": {"": 16 / 60}},
        at="2m45s",
    ),
    Case(
        "nobody in line is 0",
        "the counter stands still",
        "queue-length",
        (series(QUEUE, "5000000+0x40"),),
        {f"{QUEUE_LENGTH}:pod": {"a": 0}, f"{QUEUE_LENGTH}:server": {"": 0}},
    ),
    Case(
        "one failed scrape keeps the line",
        "the scrape at 5m failed: three samples are left in the window, and their slope is the same",
        "queue-length",
        (series(QUEUE, "0+6000000x19 stale"),),
        {f"{QUEUE_LENGTH}:pod": {"a": 0.4}, f"{QUEUE_LENGTH}:server": {"": 0.4}},
    ),
    Case(
        "without its series the line is not known",
        "missing data is no 0",
        "queue-length",
        (),
        {f"{QUEUE_LENGTH}:pod": {}, f"{QUEUE_LENGTH}:server": {}, f"{QUEUE_LENGTH}:target": {"": 0.5}},
    ),
    Case(
        "waiting requests add up over models and pods",
        "3 and 2 in the models of pod a, 4 in pod b",
        "requests-waiting",
        (series(PENDING, "3x40"), series(PENDING, "2x40", model="slow"), series(PENDING, "4x40", pod="b")),
        {f"{WAITING}:pod": {"a": 5, "b": 4}, f"{WAITING}:server": {"": 9}},
    ),
    Case(
        "a server's model filter holds for gauges too",
        "of pod a's models only the one with 3",
        "requests-waiting",
        (series(PENDING, "3x40"), series(PENDING, "2x40", model="slow")),
        {f"{WAITING}:pod": {"a": 3}, f"{WAITING}:server": {"": 3}},
        model="sleeper",
    ),
    Case(
        "an empty queue is 0",
        "the gauge is there and says 0",
        "requests-waiting",
        (series(PENDING, "0x40"),),
        {f"{WAITING}:pod": {"a": 0}, f"{WAITING}:server": {"": 0}},
    ),
    Case(
        "a gauge is blind for the one scrape that failed",
        "there is no earlier sample to count with, and an old one is not passed off as new: nothing is recorded at 5m",
        "requests-waiting",
        (series(PENDING, "3x19 stale 3x20"),),
        {f"{WAITING}:pod": {}, f"{WAITING}:server": {}},
    ),
    Case(
        "a gauge is back with the next scrape",
        "at 5m15s",
        "requests-waiting",
        (series(PENDING, "3x19 stale 3x20"),),
        {f"{WAITING}:pod": {"a": 3}, f"{WAITING}:server": {"": 3}},
        at="5m15s",
    ),
    Case(
        "without a gauge nothing is recorded but the target",
        "missing data is no 0",
        "requests-waiting",
        (),
        {f"{WAITING}:pod": {}, f"{WAITING}:server": {}, f"{WAITING}:target": {"": 0.5}},
    ),
    Case(
        "the ratio is time waited by time computed",
        "6 s of waiting and 3 s of computing between two scrapes",
        "queue-compute-ratio",
        (series(QUEUE, steady(6_000_000)), series(COMPUTE, steady(3_000_000))),
        {f"{RATIO}:pod": {"a": 2}, f"{RATIO}:server": {"": 2}},
    ),
    Case(
        "the ratio of two pods is that of their sums",
        "1 s by 10 s and 9 s by 1 s: 10 s by 11 s, where the mean of the ratios would be 4.55",
        "queue-compute-ratio",
        (
            *(series(QUEUE, steady(1_000_000)), series(COMPUTE, steady(10_000_000))),
            *(series(QUEUE, steady(9_000_000), pod="b"), series(COMPUTE, steady(1_000_000), pod="b")),
        ),
        {f"{RATIO}:pod": {"a": 0.1, "b": 9}, f"{RATIO}:server": {"": 10 / 11}},
    ),
    Case(
        "the ratio without traffic is 0 and not NaN",
        "both counters stand still",
        "queue-compute-ratio",
        (series(QUEUE, "5000000+0x40"), series(COMPUTE, "5000000+0x40")),
        {f"{RATIO}:pod": {"a": 0}, f"{RATIO}:server": {"": 0}},
    ),
    Case(
        "the ratio survives a restart",
        "at 2m45s the counters begin anew; both lost the same share",
        "queue-compute-ratio",
        (series(QUEUE, "0+6000000x10 0+6000000x20"), series(COMPUTE, "0+3000000x10 0+3000000x20")),
        {f"{RATIO}:pod": {"a": 2}, f"{RATIO}:server": {"": 2}},
        at="2m45s",
    ),
    Case(
        "without the ratio's series nothing is recorded but the target",
        "missing data is no 0",
        "queue-compute-ratio",
        (),
        {f"{RATIO}:pod": {}, f"{RATIO}:server": {}, f"{RATIO}:target": {"": 0.5}},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.signal}: {case.name}")
def test_rules_record_the_signal(case: Case, tmp_path: Path) -> None:
    settings = {"model": case.model} if case.model else {}
    rules = demo(tmp_path, autoscaling__signals={case.signal: written(case.signal, 0.5)}, **settings)["rules"]
    assert evaluate(rules, case.given, case.at, case.expected, tmp_path) == "", case.because


def test_a_wrong_number_is_seen(tmp_path: Path) -> None:
    rules = demo(tmp_path, autoscaling__signals={"queue-time": "500ms"})["rules"]
    assert "2E-01" in evaluate(rules, served(30, 200), "5m", {f"{QUEUE_TIME}:pod": {"a": 0.3}}, tmp_path)


@pytest.mark.parametrize("rules", [item for item in every_object() if item["kind"] == "PrometheusRule"], ids=title)
def test_every_stacks_rules_are_ones_that_prometheus_loads(rules: dict, tmp_path: Path) -> None:
    assert check(rules["spec"]["groups"], tmp_path) == ""
