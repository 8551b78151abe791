"""Riva's simulator: streams of speech through a pipeline of Triton models, at a stated capacity."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from headroom.catalog.engines.riva import RIVA
from headroom.sandbox.engines import riva_store
from headroom.sandbox.engines.riva_messages import STREAMING_RECOGNIZE, Config, Result, audio
from headroom.sandbox.kubelet.probes import Kind, Probe
from headroom.sandbox.kubelet.probing import Target, look
from headroom.sandbox.load.protocols.riva import streams
from tests.sandbox.engines.speech_simulators import Simulator, riva

pytestmark = pytest.mark.thorough

ACOUSTIC = "riva-trt-conformer-en-US-asr-streaming-am-streaming"
QUICK = {"seconds": 0.32, "realtime": 0, "chunk": 100}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = riva(tmp_path_factory.mktemp("store"), SANDBOX_STREAMS="100")
    yield running
    running.stop()


def recognized(simulator: Simulator, *messages: bytes) -> list[Result]:
    """What a plain client gets for these messages. Raises `grpc.RpcError`."""
    with grpc.insecure_channel(f"127.0.0.1:{simulator.grpc_port}") as channel:
        answers = channel.stream_stream(STREAMING_RECOGNIZE)(iter(messages), timeout=20)
        return [result for message in answers for result in Result.read(message)]


def test_it_says_its_capacity(simulator: Simulator) -> None:
    assert "100 streams in real time: chunks of 160 ms" in simulator.said


def test_a_stream_gets_interim_results_and_a_final_one(simulator: Simulator) -> None:
    results = recognized(simulator, Config().written(), audio(bytes(16000)))
    assert [result.final for result in results] == [False, False, False, True]
    assert results[-1].processed == pytest.approx(0.5)


def test_a_client_that_wants_no_interim_results_gets_the_final_one_alone(simulator: Simulator) -> None:
    results = recognized(simulator, Config(interim_results=False).written(), audio(bytes(16000)))
    assert [result.final for result in results] == [True]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (audio(bytes(100)), "must contain the streaming_config"),
        (Config(language="de-DE").written(), "Unavailable model requested given these parameters: language_code=de-DE; sample_rate=16000"),
        (Config(model="another").written(), "Unavailable model requested"),
        (b"\x0a\x05", "does not fit"),
    ],
)
def test_a_stream_that_begins_wrongly_is_refused(simulator: Simulator, first: bytes, said: str) -> None:
    with pytest.raises(grpc.RpcError, match=said) as refused:
        recognized(simulator, first)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]


def test_the_loads_streams_are_served(simulator: Simulator) -> None:
    answers = simulator.streams(streams("", QUICK), 5)
    assert [answer.failure for answer in answers] == [None] * 5
    assert all({"latency", "rtfx"} == answer.measures.keys() for answer in answers)


def test_every_model_of_the_pipeline_counts_every_chunk(simulator: Simulator) -> None:
    def counted() -> dict[str, float]:
        samples = simulator.metrics()["nv_inference_request_success"].samples
        return {name: sum(value for labels, value in samples if labels["model"] == name) for name in {s[0]["model"] for s in samples}}

    before = counted()
    simulator.streams(streams("", QUICK))
    assert {name: value - before[name] for name, value in counted().items()} == dict.fromkeys(before, 2)
    assert len(before) == 5


def test_only_the_acoustic_model_has_waited(simulator: Simulator) -> None:
    simulator.streams(streams("", QUICK), 5)
    waited = {labels["model"] for labels, value in simulator.metrics()["nv_inference_queue_duration_us"].samples if value}
    assert waited == {ACOUSTIC}


def test_every_model_on_the_gpu_has_a_twin_series(simulator: Simulator) -> None:
    of_acoustic = [labels for labels, _ in simulator.metrics()["nv_inference_request_success"].samples if labels["model"] == ACOUSTIC]
    assert [labels.keys() - {"model", "version"} for labels in of_acoustic] == [set(), {"gpu_uuid"}]


def test_what_it_shows_is_in_the_catalogue(simulator: Simulator) -> None:
    known = {metric.name for metric in RIVA.oldest.metrics}
    shown = {name for name in simulator.metrics() if not name.startswith("nv_pinned")}
    assert shown == known


def test_more_streams_than_the_capacity_take_longer_than_they_last(tmp_path: Path) -> None:
    simulator = riva(tmp_path, SANDBOX_STREAMS="4")
    try:
        begun = time.monotonic()
        answers = simulator.streams(streams("", {**QUICK, "seconds": 1.6}), 8)
        lasted = time.monotonic() - begun
    finally:
        simulator.stop()
    assert [answer.failure for answer in answers] == [None] * 8
    # Eight streams of 1.6 s where four are served in real time, sent as fast as they are taken: however they come, 3.2 s of computing.
    assert lasted >= 3.19


def test_the_kubelets_probe_finds_it_ready(simulator: Simulator) -> None:
    probe = Probe(Kind.READINESS, "grpc", {"port": simulator.grpc_port, "service": ""}, timeout=5)

    class Nothing:
        async def execute(self, command: list[str], seconds: float) -> tuple[int | None, str]:
            raise AssertionError

    outcome = asyncio.run(look(probe, Target("127.0.0.1", {}, Nothing())))
    assert outcome.success, outcome.message


def test_tritons_health_is_there_too(simulator: Simulator) -> None:
    assert [simulator.get(path).status_code for path in ("/v2/health/ready", "/nope")] == [200, 404]


def test_told_to_end_it_finishes_its_streams_and_takes_no_new_one(tmp_path: Path) -> None:
    simulator = riva(tmp_path, SANDBOX_STREAMS="100")
    with ThreadPoolExecutor(1) as client:
        running = client.submit(simulator.streams, streams("", {"seconds": 3, "realtime": 1, "chunk": 100}))
        _until(simulator, "nv_inference_request_success")
        simulator.process.send_signal(signal.SIGTERM)
        assert simulator.process.stdout
        assert "running streams may finish" in simulator.process.stdout.readline()
        assert simulator.streams(streams("", QUICK))[0].failure
        assert running.result(30)[0].failure is None
    assert simulator.process.wait(20) == 0


def _until(simulator: Simulator, name: str) -> None:
    """Something is counted."""
    for _ in range(200):
        if simulator.total(name):
            return
    raise AssertionError(f"{name} stays 0")


def run(module: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"headroom.sandbox.engines.{module}", *arguments]
    return subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--bogus=1",), "unrecognized arguments: --bogus=1"), (("--asr_service=perhaps",), "asr_service"), ((), "no model")],
)
def test_a_server_that_cannot_serve_ends_with_status_1(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = run("riva", *arguments, TRTIS_MODEL_STORE=str(tmp_path))
    assert (ended.returncode, said in ended.stderr) == (1, True), ended.stderr


SECRETS = {"NGC_CLI_API_KEY": "k", "MODEL_DEPLOY_KEY": "d"}


def test_a_deployment_fills_the_store_once(tmp_path: Path) -> None:
    artifact = "nvidia/riva/rmir_asr_conformer_en_us_str:2.19.0"
    first = run("riva_store", artifact, RIVA_MODEL_STORE=str(tmp_path), **SECRETS)
    again = run("riva_store", artifact, RIVA_MODEL_STORE=str(tmp_path), **SECRETS)
    assert (first.returncode, first.stdout.count("deployed")) == (0, 5), first.stderr
    assert again.stdout.count("is there already") == 5
    assert riva_store.acoustic(riva_store.found(tmp_path)) == ACOUSTIC


@pytest.mark.parametrize(
    ("artifact", "secrets", "said"),
    [
        ("nvidia/riva/rmir_asr_conformer_en_us_str:2.19.0", {"NGC_CLI_API_KEY": "k"}, "MODEL_DEPLOY_KEY must be set"),
        ("other", SECRETS, "other: the"),
    ],
)
def test_a_deployment_without_its_keys_or_of_something_else_fails(
    tmp_path: Path, artifact: str, secrets: dict[str, str], said: str
) -> None:
    ended = run("riva_store", artifact, RIVA_MODEL_STORE=str(tmp_path), **secrets)
    assert (ended.returncode, said in ended.stderr) == (1, True), ended.stderr
