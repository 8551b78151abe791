"""Kaldi's simulator: sequences through `ModelStreamInfer`, as its backend and the Triton of its time have them."""

from __future__ import annotations

import re
import signal
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from headroom.catalog.engines.kaldi import KALDI
from headroom.sandbox.engines import kserve
from headroom.sandbox.engines.kaldi_config import Config, Wrong, load, read
from headroom.sandbox.engines.kserve import Tensor
from headroom.sandbox.load.protocols.kaldi import streams
from tests.sandbox.engines.speech_simulators import Simulator, kaldi, kaldi_repository

pytestmark = pytest.mark.thorough

SAMPLES = 1600
QUICK = {"seconds": 0.3, "realtime": 0, "samples": SAMPLES}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = kaldi(kaldi_repository(tmp_path_factory.mktemp("kaldi"), samples=SAMPLES), SANDBOX_STREAMS="100")
    yield running
    running.stop()


def chunk(
    identity: int = 7, *, model: str = "kaldi_online", size: int = SAMPLES, outputs: tuple[str, ...] = ("TEXT",), **flags: bool
) -> bytes:
    wave = Tensor("WAV_DATA", "FP32", (1, size), bytes(4 * size))
    dim = Tensor("WAV_DATA_DIM", "INT32", (1, 1), struct.pack("<i", size))
    parameters = {"sequence_id": identity, **{f"sequence_{name}": value for name, value in flags.items()}}
    return kserve.body(model, (wave, dim), outputs) + kserve.parameters(parameters)


def answers(simulator: Simulator, *messages: bytes) -> list[tuple[str, list[str]]]:
    """Of one stream: what went wrong, or the names of the outputs."""
    with grpc.insecure_channel(f"127.0.0.1:{simulator.grpc_port}") as channel:
        received = channel.stream_stream(kserve.STREAM_INFER)(iter(messages), timeout=20)
        return [(error, list(outputs)) for error, outputs in map(kserve.read_answer, received)]


def test_it_says_its_capacity(simulator: Simulator) -> None:
    assert "Triton 21.05: 100 streams in real time: chunks of 100 ms" in simulator.said


def test_the_last_chunk_is_answered_with_what_it_asks_for(simulator: Simulator) -> None:
    messages = chunk(start=True, outputs=("RAW_LATTICE",)), chunk(outputs=("RAW_LATTICE",)), chunk(end=True)
    assert answers(simulator, *messages) == [("", ["TEXT"])]


def test_a_chunk_before_the_last_is_answered_when_it_asks_for_text(simulator: Simulator) -> None:
    assert answers(simulator, chunk(start=True), chunk(end=True)) == [("", ["TEXT"]), ("", ["TEXT"])]


def test_who_names_no_output_gets_all(simulator: Simulator) -> None:
    assert answers(simulator, chunk(start=True, end=True, outputs=())) == [("", ["RAW_LATTICE", "TEXT", "CTM"])]


def test_two_sequences_may_share_a_stream(simulator: Simulator) -> None:
    messages = chunk(1, start=True, outputs=("CTM",)), chunk(2, start=True, outputs=("CTM",)), chunk(1, end=True), chunk(2, end=True)
    assert answers(simulator, *messages) == [("", ["TEXT"])] * 2


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (chunk(), "inference request for sequence 7 to model 'kaldi_online' must specify the START flag on the first request"),
        (chunk(0, start=True), "must specify a non-zero or non-empty correlation ID"),
        (chunk(model="other", start=True), "Request for unknown model: 'other' is not found"),
        (chunk(size=8160, start=True), "unexpected shape for input 'WAV_DATA' for model 'kaldi_online'. Expected [-1,1600], got [1, 8160]"),
        (kserve.body("kaldi_online", ()) + kserve.parameters({"sequence_id": 7, "sequence_start": True}), "expected 2 inputs but got 0"),
    ],
)
def test_a_wrong_request_is_refused_in_the_stream_which_goes_on(simulator: Simulator, message: bytes, said: str) -> None:
    (error, _), last = answers(simulator, message, chunk(9, start=True, end=True))
    assert said in error
    assert last == ("", ["TEXT"])


def test_the_loads_streams_are_served(simulator: Simulator) -> None:
    found = simulator.streams(streams("", QUICK), 20)
    assert [answer.failure for answer in found] == [None] * 20


def test_every_chunk_is_counted_and_batches_are_fewer(simulator: Simulator) -> None:
    before = simulator.total("nv_inference_request_success"), simulator.total("nv_inference_exec_count")
    simulator.streams(streams("", QUICK), 20)
    chunks = simulator.total("nv_inference_request_success") - before[0]
    assert chunks == 60
    assert simulator.total("nv_inference_exec_count") - before[1] < chunks


def test_it_shows_what_the_triton_of_its_time_shows(simulator: Simulator) -> None:
    """No twin series and no pending requests before 23.09, no CPU before 22.09; `gpu_uuid` on every series of the model."""
    shown = simulator.metrics()
    assert shown.keys() == {metric.name for metric in KALDI.at((21, 5)).metrics}
    assert {tuple(labels) for labels, _ in shown["nv_inference_request_failure"].samples} == {("gpu_uuid", "model", "version")}


def test_with_more_streams_than_the_capacity_chunks_wait(tmp_path: Path) -> None:
    simulator = kaldi(kaldi_repository(tmp_path, samples=SAMPLES), SANDBOX_STREAMS="4")
    try:
        found = simulator.streams(streams("", {**QUICK, "seconds": 1}), 16)
        waited = simulator.total("nv_inference_queue_duration_us") / simulator.total("nv_inference_request_success") / 1e6
    finally:
        simulator.stop()
    assert [answer.failure for answer in found] == [None] * 16
    assert waited > 0.2


def test_a_sequence_that_finds_no_channel_is_refused(tmp_path: Path) -> None:
    """As many channels as candidates, which is what the catalogue's configuration has, cannot come to this."""
    repository = kaldi_repository(tmp_path, samples=SAMPLES, streams=2)
    configuration = repository / "kaldi_online" / "config.pbtxt"
    configuration.write_text(re.sub(r'("num_channels" value { string_value: )"2"', r'\1"1"', configuration.read_text()))
    simulator = kaldi(repository, SANDBOX_STREAMS="1")
    try:
        found = answers(simulator, chunk(1, start=True, outputs=("CTM",)), chunk(2, start=True, end=True), chunk(1, end=True))
    finally:
        simulator.stop()
    assert found[0] == ("failed to start cuda pipeline", [])


def test_told_to_end_it_refuses_what_is_left_of_its_sequences(tmp_path: Path) -> None:
    simulator = kaldi(kaldi_repository(tmp_path, samples=SAMPLES), SANDBOX_STREAMS="100")
    with ThreadPoolExecutor(1) as client:
        running = client.submit(simulator.streams, streams("", {**QUICK, "seconds": 5, "realtime": 1}))
        for _ in range(200):
            if simulator.total("nv_inference_request_success"):
                break
        simulator.process.send_signal(signal.SIGTERM)
        assert running.result(30)[0].failure == "cut: Server not ready"
    assert simulator.process.wait(20) == 0


def test_the_catalogues_configuration_is_what_the_backend_takes(tmp_path: Path) -> None:
    assert load(kaldi_repository(tmp_path)) == Config(samples=8160, largest_batch=600, candidates=4000, channels=4000, idle=5.0)


@pytest.mark.parametrize(
    ("changed", "to", "said"),
    [
        ("decoupled: true", "decoupled: false", "must use decoupled transaction policy"),
        ('control_input { name: "END"', 'control_input { name: "STOP"', "missing control input names"),
        ('name: "WAV_DATA_DIM"', 'name: "DIM"', "expected inputs WAV_DATA, WAV_DATA_DIM, got WAV_DATA, DIM"),
        ("oldest {", "direct {", "strategy of the sequence batcher must be oldest"),
        ("sequence_batching {", "other {", "must configure sequence batcher"),
    ],
)
def test_a_configuration_that_the_backend_refuses_is_refused(tmp_path: Path, changed: str, to: str, said: str) -> None:
    text = (kaldi_repository(tmp_path) / "kaldi_online" / "config.pbtxt").read_text()
    assert changed in text
    with pytest.raises(Wrong, match=said):
        read(text.replace(changed, to))


def test_without_the_models_files_it_does_not_load(tmp_path: Path) -> None:
    repository = kaldi_repository(tmp_path)
    (tmp_path / "models" / "LibriSpeech" / "HCLG.fst").unlink()
    with pytest.raises(Wrong, match=r"fst_rxfilename: no file .*HCLG\.fst: was the model's data prepared\?"):
        load(repository)
