"""The simulator speaks Triton's protocol and takes its command line; answers as recorded from the real server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from headroom.sandbox.engines.exposition import read
from headroom.sandbox.load.protocols.triton import infer as load_request
from tests.free_ports import free_ports

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "stacks" / "models"
ENGINES = ROOT / "headroom" / "sandbox" / "engines"
CLIENT = httpx.Client(timeout=20, trust_env=False)


@dataclass(frozen=True)
class Simulator:
    process: subprocess.Popen[str]
    url: str
    metrics_url: str

    def infer(self, body: object, model: str = "sleeper") -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return CLIENT.post(f"{self.url}/v2/models/{model}/infer", content=content)

    def get(self, path: str) -> httpx.Response:
        return CLIENT.get(self.url + path)

    def value(self, name: str) -> float:
        return read(CLIENT.get(self.metrics_url).text)[name].samples[0][1]


Start = Callable[..., Simulator]


def command(tmp_path: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """As in a container: the engines alone, without this project's packages."""
    place = tmp_path / "headroom" / "sandbox" / "engines"
    if not place.exists():
        place.parent.mkdir(parents=True)
        place.symlink_to(ENGINES)
    return [sys.executable, "-P", "-S", "-m", "headroom.sandbox.engines.triton", *arguments], {"PYTHONPATH": str(tmp_path)}


def started(tmp_path: Path, variables: dict[str, str]) -> Simulator:
    """A simulator of the stack's model that serves."""
    ports = free_ports(2)
    own = (f"--model-repository={MODELS}", "--http-address=127.0.0.1", f"--http-port={ports[0]}", f"--metrics-port={ports[1]}")
    line, environment = command(tmp_path, *own)
    process = subprocess.Popen(line, env={**os.environ, **environment, **variables}, text=True, stdout=subprocess.PIPE)
    assert process.stdout
    assert "serves sleeper" in process.stdout.readline()
    return Simulator(process, f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}/metrics")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Simulator] = []

    def start(**variables: str) -> Simulator:
        running.append(started(tmp_path, variables))
        return running[-1]

    yield start
    for simulator in running:
        simulator.process.kill()
        simulator.process.wait()


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One that hardly takes time, for all tests that only ask."""
    simulator = started(tmp_path_factory.mktemp("triton"), {"SANDBOX_SERVICE_TIME": "1ms"})
    yield simulator
    simulator.process.kill()
    simulator.process.wait()


def tensor(shape: list[int] | None = None, datatype: str = "FP32", **more: object) -> dict[str, object]:
    return {"inputs": [{"name": "INPUT", "shape": shape or [1], "datatype": datatype, "data": [2.5]}], **more}


def test_an_inference_answers_with_the_input(quick: Simulator) -> None:
    answer = quick.infer(tensor(id="a7"))
    assert answer.json() == {
        "id": "a7",
        "model_name": "sleeper",
        "model_version": "1",
        "outputs": [{"name": "OUTPUT", "datatype": "FP32", "shape": [1], "data": [2.5]}],
    }


def test_the_load_generators_request_is_served(quick: Simulator) -> None:
    request = load_request("sleeper", {})
    assert quick.infer(request.body).status_code == 200


@pytest.mark.parametrize(
    ("body", "model", "error"),
    [
        (tensor(), "nope", "Request for unknown model: 'nope' is not found"),
        (
            tensor(datatype="BYTES"),
            "sleeper",
            "[request id: <id_unknown>] inference input 'INPUT' data-type is 'BYTES', but model 'sleeper' expects 'FP32'",
        ),
        (
            tensor([2], id="a7"),
            "sleeper",
            "[request id: a7] unexpected shape for input 'INPUT' for model 'sleeper'. Expected [1], got [2]. ",
        ),
        (
            {"inputs": []},
            "sleeper",
            "[request id: <id_unknown>] expected 1 inputs but got 0 inputs for model 'sleeper'. Got input(s) [], but missing required "
            "input(s) ['INPUT']. Please provide all required input(s).",
        ),
    ],
)
def test_a_wrong_request_is_refused_in_the_words_of_the_real_server(quick: Simulator, body: object, model: str, error: str) -> None:
    answer = quick.infer(body, model)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/health/live", 200),
        ("/v2/health/ready", 200),
        ("/v2/models/sleeper/ready", 200),
        ("/v2/models/nope/ready", 400),
        ("/v2/models/sleeper/versions/1/ready", 200),
        ("/v2/models/sleeper/versions/2/ready", 400),
        ("/nope", 404),
    ],
)
def test_health(quick: Simulator, path: str, status: int) -> None:
    assert quick.get(path).status_code == status


def test_a_model_describes_itself(quick: Simulator) -> None:
    assert quick.get("/v2/models/sleeper").json() == {
        "name": "sleeper",
        "versions": ["1"],
        "platform": "python",
        "inputs": [{"name": "INPUT", "datatype": "FP32", "shape": [1]}],
        "outputs": [{"name": "OUTPUT", "datatype": "FP32", "shape": [1]}],
    }


def test_concurrent_requests_to_one_instance_raise_the_queue_time(start: Start) -> None:
    simulator = start(SANDBOX_SERVICE_TIME="200ms")
    with ThreadPoolExecutor(6) as clients:
        statuses = [answer.status_code for answer in clients.map(simulator.infer, [tensor()] * 6)]
    assert statuses == [200] * 6
    assert simulator.value("nv_inference_request_success") == 6
    assert simulator.value("nv_inference_queue_duration_us") > 400_000


def test_a_running_request_and_one_that_waits_are_finished_before_the_end(start: Start) -> None:
    simulator = start(SANDBOX_SERVICE_TIME="700ms")
    with ThreadPoolExecutor(2) as clients:
        answers = [clients.submit(simulator.infer, tensor()) for _ in range(2)]
        deadline = time.monotonic() + 5
        while not simulator.value("nv_inference_pending_request_count") and time.monotonic() < deadline:
            time.sleep(0.02)
        simulator.process.send_signal(signal.SIGTERM)
        assert [answer.result(10).status_code for answer in answers] == [200, 200]
    assert simulator.process.wait(10) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model-repository=/nope", "--bogus"), "unrecognized arguments: --bogus"),
        (("--model-repository=/nope", "--http-port=x"), "--http-port"),
        (("--model-repository=/nope",), "failed to stat file /nope"),
        ((), "--model-repository must be specified"),
        ((f"--model-repository={MODELS}", "--allow-metrics=perhaps"), "invalid value for bool option: perhaps"),
    ],
)
def test_a_wrong_command_line_ends_with_status_1(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    line, environment = command(tmp_path, *arguments)
    ended = subprocess.run(line, env={**os.environ, **environment}, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert said in ended.stderr


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('name: "bad"', "at least one version must be available"),
        ('name: "bad" {', "Error parsing"),
    ],
)
def test_a_model_that_cannot_be_loaded_ends_the_server(tmp_path: Path, config: str, said: str) -> None:
    directory = tmp_path / "models" / "bad"
    directory.mkdir(parents=True)
    (directory / "config.pbtxt").write_text(config)
    if "Error" in said:
        (directory / "1").mkdir()
    line, environment = command(tmp_path, f"--model-repository={tmp_path / 'models'}")
    ended = subprocess.run(line, env={**os.environ, **environment}, capture_output=True, text=True, timeout=20)
    assert (ended.returncode, said in ended.stderr) == (1, True), ended.stderr
