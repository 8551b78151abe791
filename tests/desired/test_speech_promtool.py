"""The recording rules of the signals of Riva and Kaldi as Prometheus evaluates them, each case with where its number comes from.

Scraped every 15 s, rates over 60 s. Every chunk of audio is a request: Riva's pipelines compute 160 ms at a time, Kaldi's decoder 510 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from headroom.desired.objects import Object
from tests.desired.promtool import Given, evaluate
from tests.desired.stacks import server_of, written
from tests.evidence import Proof

pytestmark = [
    pytest.mark.tools,
    pytest.mark.proves("recording rules of Riva and Kaldi through restarts, twin series, several models and pods, and silence", Proof.REAL),
]

QUEUE = "nv_inference_queue_duration_us"
DONE = "nv_inference_request_success"
COMPUTE = "nv_inference_compute_infer_duration_us"
PENDING = "nv_inference_pending_request_count"
QUEUE_TIME, QUEUE_LENGTH, RATIO = "headroom:queue_time_seconds", "headroom:queue_length_requests", "headroom:queue_compute_ratio"
STREAMS, WAITING = "headroom:streams_requests", "headroom:requests_waiting"
GPU = "GPU-0"


@dataclass(frozen=True)
class Engine:
    """An engine, the model whose chunks wait for its GPU, and how long a chunk is."""

    name: str
    image: str
    model: str
    chunk_ms: int
    settings: dict[str, Any] = field(default_factory=dict)

    def rules(self, directory: Path, signal: str, **settings: Any) -> Object:
        autoscaling = {"backend": "hpa", "replicas": {"max": 4}, "signals": {signal: written(signal, 0.5)}}
        cache = {"storageClass": "shared", "size": "50Gi"}
        return server_of(directory, self.name, self.image, autoscaling=autoscaling, cache=cache, **self.settings | settings)["rules"]

    def series(self, metric: str, values: str, pod: str = "a", model: str | None = None, **labels: str) -> Given:
        own = {"namespace": "inference", "server": "demo", "pod": pod, "container": self.name, "model": model or self.model, "version": "1"}
        return Given(metric, values, tuple((own | labels).items()))

    def served(self, chunks: int, wait_ms: int, **where: str) -> tuple[Given, Given]:
        """`chunks` are computed between two scrapes, each after waiting `wait_ms`."""
        return self.series(QUEUE, f"0+{chunks * wait_ms * 1000}x40", **where), self.series(DONE, f"0+{chunks}x40", **where)


RIVA = Engine("riva", "nvcr.io/nvidia/riva/riva-speech:2.19.0", "riva-trt-conformer-en-US-asr-streaming-am-streaming", 160)
KALDI = Engine("kaldi", "registry.example.com/triton-kaldi:mine", "kaldi_online", 510, {"version": "21.05"})
DECODER = "conformer-en-US-asr-streaming-ctc-decoder-cpu-streaming"


@dataclass(frozen=True)
class Case:
    name: str
    because: str
    signal: str
    given: Callable[[Engine], tuple[Given, ...]]
    expected: Callable[[Engine], dict[str, dict[str, float]]]
    at: str = "5m"
    settings: dict[str, Any] = field(default_factory=dict)


def of(signal: str, pods: dict[str, float], server: float) -> Callable[[Engine], dict[str, dict[str, float]]]:
    return lambda _: {f"{signal}:pod": pods, f"{signal}:server": {"": server}}


def nothing(signal: str) -> Callable[[Engine], dict[str, dict[str, float]]]:
    return lambda _: {f"{signal}:pod": {}, f"{signal}:server": {}, f"{signal}:target": {"": 0.5}}


def of_chunks(rate: float) -> Callable[[Engine], dict[str, dict[str, float]]]:
    """So many streams as bring that many chunks per second."""
    return lambda engine: of(STREAMS, {"a": rate * engine.chunk_ms / 1000}, rate * engine.chunk_ms / 1000)(engine)


BOTH = [
    Case(
        "a steady wait is that wait",
        "300 chunks wait 200 ms each: 60 s of waiting per 300 chunks",
        "queue-time",
        lambda engine: engine.served(300, 200),
        of(QUEUE_TIME, {"a": 0.2}, 0.2),
    ),
    Case(
        "the twin series without a GPU does not dilute",
        "a model on a GPU has a second series without gpu_uuid that stays 0",
        "queue-time",
        lambda engine: (*engine.served(300, 200, gpu_uuid=GPU), *engine.served(0, 0)),
        of(QUEUE_TIME, {"a": 0.2}, 0.2),
    ),
    Case(
        "a restart's counter reset is no negative time",
        "at 2m45s the counters begin anew: the window holds 8, 9 and 10 times 300 chunks and 0",
        "queue-time",
        lambda engine: (engine.series(QUEUE, "0+60000000x10 0+60000000x20"), engine.series(DONE, "0+300x10 0+300x20")),
        of(QUEUE_TIME, {"a": 0.2}, 0.2),
        at="2m45s",
    ),
    Case(
        "two pods are weighted by their chunks",
        "900 chunks wait 100 ms and 100 wait 1 s: 190 s per 1000 chunks",
        "queue-time",
        lambda engine: (*engine.served(900, 100), *engine.served(100, 1000, pod="b")),
        of(QUEUE_TIME, {"a": 0.1, "b": 1}, 0.19),
    ),
    Case(
        "no traffic is 0 and not NaN",
        "counters stand still",
        "queue-time",
        lambda engine: (engine.series(QUEUE, "90000000+0x40"), engine.series(DONE, "600+0x40")),
        of(QUEUE_TIME, {"a": 0}, 0),
    ),
    Case(
        "one failed scrape keeps the value",
        "the scrape at 5m failed: three samples are left in the window",
        "queue-time",
        lambda engine: (
            engine.series(QUEUE, "0+60000000x19 stale 1260000000+60000000x20"),
            engine.series(DONE, "0+300x19 stale 6300+300x20"),
        ),
        of(QUEUE_TIME, {"a": 0.2}, 0.2),
    ),
    Case(
        "after a restart of Prometheus nothing is recorded until the pod was scraped three times",
        "killed at 5m, back with the scrape at 7m15s: at 7m30s two samples would already have a slope",
        "queue-time",
        lambda engine: (
            Given("up", "1x20 _x8 1x20", tuple({"namespace": "inference", "server": "demo", "pod": "a"}.items())),
            engine.series(QUEUE, "0+60000000x20 _x8 1740000000+60000000x20"),
            engine.series(DONE, "0+300x20 _x8 8700+300x20"),
        ),
        nothing(QUEUE_TIME),
        at="7m30s",
    ),
    Case("without series nothing is recorded but the target", "missing data is no 0", "queue-time", lambda _: (), nothing(QUEUE_TIME)),
    Case(
        "streams are the audio that is computed per second",
        "1500 chunks in 15 s: as many streams as bring 100 chunks per second",
        "streams",
        lambda engine: engine.served(1500, 0),
        of_chunks(100),
    ),
    Case(
        "streams are not counted twice by the twin series",
        "the series without gpu_uuid stays 0",
        "streams",
        lambda engine: (*engine.served(1500, 0, gpu_uuid=GPU), *engine.served(0, 0)),
        of_chunks(100),
    ),
    Case(
        "streams survive a restart",
        "at 2m45s the counter begins anew: the window holds 8, 9 and 10 times 1500 chunks and 0, and rate fills it up to 4 scrapes",
        "streams",
        lambda engine: (engine.series(DONE, "0+1500x10 0+1500x20"),),
        of_chunks(200 / 3),
        at="2m45s",
    ),
    Case("no streams are 0", "the counter stands still", "streams", lambda engine: (engine.series(DONE, "600+0x40"),), of_chunks(0)),
    Case("without the counter streams are not known", "missing data is no 0", "streams", lambda _: (), nothing(STREAMS)),
    Case(
        "the length of the queue is the time waited per second, over pods and models",
        "30 s of waiting in 15 s, and 15 s of it in pod b: 2 and 1 chunks in line on average",
        "queue-length",
        lambda engine: (*engine.served(100, 300), *engine.served(100, 150, pod="b")),
        of(QUEUE_LENGTH, {"a": 2, "b": 1}, 3),
    ),
    Case(
        "an empty queue is 0",
        "chunks are computed and none has waited",
        "queue-length",
        lambda engine: engine.served(100, 0),
        of(QUEUE_LENGTH, {"a": 0}, 0),
    ),
    Case("without its series the queue is not known", "missing data is no 0", "queue-length", lambda _: (), nothing(QUEUE_LENGTH)),
    Case(
        "the ratio is time waited by time computed",
        "6 s of waiting and 3 s of computing between two scrapes",
        "queue-compute-ratio",
        lambda engine: (engine.series(QUEUE, "0+6000000x40"), engine.series(COMPUTE, "0+3000000x40")),
        of(RATIO, {"a": 2}, 2),
    ),
]

OF_RIVA = [
    Case(
        "the other models of a pipeline do not dilute the wait",
        "each chunk is a request to the decoder too, which never waits: with it in the mean 200 ms would read as 100",
        "queue-time",
        lambda engine: (*engine.served(300, 200), *engine.served(300, 0, model=DECODER)),
        of(QUEUE_TIME, {"a": 0.2}, 0.2),
    ),
    Case(
        "streams are those of the acoustic model alone",
        "each chunk is a request to the decoder too",
        "streams",
        lambda engine: (*engine.served(1500, 0), *engine.served(1500, 0, model=DECODER)),
        of_chunks(100),
    ),
    Case(
        "a pipeline with longer chunks needs fewer of them",
        "100 chunks per second of 800 ms are 80 streams",
        "streams",
        lambda engine: engine.served(1500, 0),
        of(STREAMS, {"a": 80}, 80),
        settings={"options": {"chunk": 800}},
    ),
    Case(
        "waiting chunks add up over pods, and the twin has none",
        "3 in pod a, 4 in pod b; the series with gpu_uuid stays 0",
        "requests-waiting",
        lambda engine: (
            engine.series(PENDING, "3x40"),
            engine.series(PENDING, "0x40", gpu_uuid=GPU),
            engine.series(PENDING, "4x40", pod="b"),
        ),
        of(WAITING, {"a": 3, "b": 4}, 7),
    ),
]

OF_KALDI = [
    Case(
        "longer chunks are fewer for the same streams",
        "100 chunks per second of 32640 samples, 2.04 s, are 204 streams",
        "streams",
        lambda engine: engine.served(1500, 0),
        of(STREAMS, {"a": 204}, 204),
        settings={"options": {"samples": 32640}},
    ),
    Case(
        "on a newer Triton waiting chunks are there to be read",
        "the gauge came with 23.09",
        "requests-waiting",
        lambda engine: (engine.series(PENDING, "3x40"), engine.series(PENDING, "4x40", pod="b")),
        of(WAITING, {"a": 3, "b": 4}, 7),
        settings={"version": "23.09"},
    ),
]

CASES = [
    *((engine, case) for engine in (RIVA, KALDI) for case in BOTH),
    *((RIVA, case) for case in OF_RIVA),
    *((KALDI, case) for case in OF_KALDI),
]


@pytest.mark.parametrize(("engine", "case"), CASES, ids=[f"{engine.name} {case.signal}: {case.name}" for engine, case in CASES])
def test_rules_record_the_signal(engine: Engine, case: Case, tmp_path: Path) -> None:
    rules = engine.rules(tmp_path, case.signal, **case.settings)
    assert evaluate(rules, case.given(engine), case.at, case.expected(engine), tmp_path) == "", case.because


def test_a_wrong_number_is_seen(tmp_path: Path) -> None:
    rules = RIVA.rules(tmp_path, "streams")
    assert evaluate(rules, RIVA.served(1500, 0), "5m", {f"{STREAMS}:server": {"": 17}}, tmp_path) != ""
