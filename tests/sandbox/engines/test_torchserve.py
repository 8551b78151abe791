"""The simulator speaks TorchServe's three APIs and shows the series that the real one was recorded to show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from headroom.sandbox.engines.exposition import Family, read
from headroom.worker_scaler.management import Described, Server
from tests.evidence import Proof
from tests.free_ports import free_ports

ENGINES = Path(__file__).parents[3] / "headroom" / "sandbox" / "engines"
RECORDED = Path(__file__).parent / "recorded" / "torchserve-0.12.0.txt"
# What it knows of its machine, and the times of handlers.
LEFT_OUT = {
    *("CPUUtilization", "MemoryUsed", "MemoryAvailable", "MemoryUtilization", "DiskUsage", "DiskAvailable", "DiskUtilization"),
    *("GPUUtilization", "GPUMemoryUsed", "GPUMemoryUtilization", "WorkerThreadTime", "HandlerTime", "PredictionTime"),
}
CLIENT = httpx.Client(timeout=20, trust_env=False)


@dataclass(frozen=True)
class Simulator:
    inference: str
    management: str
    metrics: str

    def scale(self, query: str) -> httpx.Response:
        return CLIENT.put(f"{self.management}/models/tiny?{query}")

    def series(self) -> dict[str, Family]:
        return read(CLIENT.get(f"{self.metrics}/metrics").text)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Of a model `tiny` that takes 1 ms, with workers that load in 10 ms; as in a container, without this project's packages."""
    place = tmp_path_factory.mktemp("torchserve")
    manifest = place / "store" / "tiny" / "MAR-INF" / "MANIFEST.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"model": {"modelName": "tiny", "modelVersion": "1.0"}}))
    package = place / "headroom" / "sandbox" / "engines"
    package.parent.mkdir(parents=True)
    package.symlink_to(ENGINES)
    apis = dict(zip(("inference", "management", "metrics"), free_ports(3), strict=True))
    lines = [f"{api}_address=http://127.0.0.1:{port}" for api, port in apis.items()]
    lines += ["metrics_mode=prometheus", "disable_token_authorization=true", f"model_store={place / 'store'}", "load_models=all"]
    (place / "config.properties").write_text("\n".join(lines))
    command = [sys.executable, "-P", "-S", "-m", "headroom.sandbox.engines.torchserve", "--start", "--foreground"]
    variables = {"PYTHONPATH": str(place), "TMPDIR": str(place), "SANDBOX_SERVICE_TIME": "1ms", "SANDBOX_WORKER_LOAD_TIME": "10ms"}
    process = subprocess.Popen(
        [*command, "--ts-config", str(place / "config.properties")], env={**os.environ, **variables}, text=True, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert "serves tiny" in process.stdout.readline()
    yield Simulator(*(f"http://127.0.0.1:{port}" for port in apis.values()))
    process.kill()
    process.wait()


def test_ping_says_healthy(simulator: Simulator) -> None:
    answer = CLIENT.get(f"{simulator.inference}/ping")
    assert (answer.status_code, answer.json()) == (200, {"status": "Healthy"})


def test_a_prediction_is_answered(simulator: Simulator) -> None:
    assert CLIENT.post(f"{simulator.inference}/predictions/tiny", content=b"[1, 2]").content == b"[1, 2]"


def test_an_unknown_model_is_told_apart_from_an_unknown_path(simulator: Simulator) -> None:
    paths = ("/predictions/nope", "/nope")
    kinds = [CLIENT.post(simulator.inference + path).json()["type"] for path in paths]
    assert kinds == ["ModelNotFoundException", "ResourceNotFoundException"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("min_worker=2", 202, "Processing worker updates..."),
        ("min_worker=2&max_worker=2&synchronous=true", 200, "Workers scaled to 2 for model: tiny"),
        ("min_worker=1&max_worker=1&synchronous=true", 200, "Workers scaled to 1 for model: tiny"),
    ],
)
def test_scaling_is_answered_at_once_or_when_it_is_done(simulator: Simulator, query: str, status: int, said: str) -> None:
    answer = simulator.scale(query)
    assert (answer.status_code, answer.json()["status"]) == (status, said)


def test_more_workers_at_least_than_at_most_are_refused(simulator: Simulator) -> None:
    answer = simulator.scale("min_worker=3&max_worker=2")
    assert (answer.status_code, answer.json()["message"]) == (400, "max_worker cannot be less than min_worker.")


def test_max_worker_is_min_worker_where_it_is_not_said(simulator: Simulator) -> None:
    simulator.scale("min_worker=3&synchronous=true")
    simulator.scale("min_worker=1&synchronous=true")
    (described,) = CLIENT.get(f"{simulator.management}/models/tiny").json()
    assert (described["minWorkers"], described["maxWorkers"], len(described["workers"])) == (1, 1, 1)


def test_the_worker_scaler_reads_and_sets_it(simulator: Simulator) -> None:
    server = Server(simulator.management, simulator.metrics, "tiny")
    before = server.look()[1]
    CLIENT.post(f"{simulator.inference}/predictions/tiny")
    server.set_workers(2)
    simulator.scale("min_worker=2&max_worker=2&synchronous=true")
    assert server.look() == (Described(workers=2, ready=2, pending=0), before + 1)


@pytest.mark.proves("engine simulators: TorchServe's series", Proof.RECORDED)
def test_every_simulated_family_has_the_recorded_type_and_labels(simulator: Simulator) -> None:
    CLIENT.post(f"{simulator.inference}/predictions/tiny")
    CLIENT.post(f"{simulator.inference}/predictions/nope")
    simulator.scale("min_worker=0&max_worker=0&synchronous=true")
    CLIENT.post(f"{simulator.inference}/predictions/tiny")
    simulator.scale("min_worker=1&max_worker=1&synchronous=true")

    def shape(families: dict[str, Family]) -> dict[str, tuple[str, str, set[str]]]:
        return {
            name: (family.type, family.help, {label for labels, _ in family.samples[:1] for label in labels})
            for name, family in families.items()
            if name not in LEFT_OUT
        }

    assert shape(simulator.series()) == shape(read(RECORDED.read_text()))
