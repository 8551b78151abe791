"""The simulator of NIM is configured as NIM's image is, and speaks its API."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.free_ports import free_ports
from tests.sandbox.engines.language_models import QUICK, Simulator, command, running

pytestmark = pytest.mark.thorough


def variables(port: int, cache: Path, image: str = "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3") -> dict[str, str]:
    return {"NGC_API_KEY": "key", "NIM_CACHE_PATH": str(cache), "NIM_SERVER_PORT": str(port), "SANDBOX_IMAGE": image, **QUICK}


@pytest.fixture(scope="module")
def nim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    place, port = tmp_path_factory.mktemp("nim"), free_ports()[0]
    with running(place, "nim", port=port, variables=variables(port, place)) as simulator:
        yield simulator


def test_it_is_healthy_and_names_its_model(nim: Simulator) -> None:
    assert [nim.get(f"/v1/health/{state}").status_code for state in ("ready", "live")] == [200, 200]
    assert nim.model() == "meta/llama-3.1-8b-instruct"


def test_an_answer_has_as_many_tokens_as_were_allowed(nim: Simulator) -> None:
    answer = nim.chat(max_tokens=4).json()
    assert answer["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert answer["choices"][0]["finish_reason"] == "length"


def test_a_streamed_answer_comes_token_by_token_and_ends_with_done(nim: Simulator) -> None:
    lines = [line for line in nim.chat(max_tokens=3, stream=True, stream_options={"include_usage": True}).text.splitlines() if line]
    *chunks, usage = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, None, "length"]
    assert usage["usage"]["completion_tokens"] == 3
    assert lines[-1] == "data: [DONE]"


@pytest.mark.parametrize(("asked", "status"), [({"model": "other"}, 404), ({"max_tokens": 10_000_000}, 400), ({"max_tokens": -1}, 400)])
def test_what_cannot_be_answered_is_refused_and_not_counted(nim: Simulator, asked: dict[str, object], status: int) -> None:
    before = nim.metrics("/v1/metrics")["request_success_total"].samples
    assert nim.chat(**asked).status_code == status
    assert nim.metrics("/v1/metrics")["request_success_total"].samples == before


def test_tokens_are_counted(nim: Simulator) -> None:
    before = nim.metrics("/v1/metrics")["generation_tokens_total"].samples[0][1]
    nim.chat(max_tokens=5)
    assert nim.metrics("/v1/metrics")["generation_tokens_total"].samples[0][1] == before + 5


@pytest.mark.parametrize(("tag", "path"), [("1.0.3", "/metrics"), ("1.8.3", "/v1/metrics"), ("2.0.4-pb6", "/v1/metrics")])
def test_where_metrics_are_depends_on_the_version(tmp_path: Path, tag: str, path: str) -> None:
    port = free_ports()[0]
    with running(tmp_path, "nim", port=port, variables=variables(port, tmp_path, f"nvcr.io/nim/x/y:{tag}")) as simulator:
        assert [simulator.get(asked).status_code for asked in ("/metrics", "/v1/metrics")] == [
            200 if asked == path else 404 for asked in ("/metrics", "/v1/metrics")
        ]


@pytest.mark.parametrize(
    ("missing", "said"), [({"NGC_API_KEY": ""}, "NGC_API_KEY"), ({"NIM_CACHE_PATH": "/no/such/place"}, "/no/such/place")]
)
def test_without_a_key_or_a_place_for_weights_it_ends(tmp_path: Path, missing: dict[str, str], said: str) -> None:
    line, environment = command(tmp_path, "nim")
    ended = subprocess.run(
        line,
        env={**os.environ, **environment, **variables(free_ports()[0], tmp_path), **missing},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 1
    assert said in ended.stderr


def test_told_to_end_it_cuts_no_stream(tmp_path: Path) -> None:
    port = free_ports()[0]
    slow = {**variables(port, tmp_path), "SANDBOX_STEP_TIME": "50ms"}
    told = threading.Event()
    with running(tmp_path, "nim", port=port, variables=slow) as simulator:
        model = simulator.model()
        asked = {"model": model, "messages": [{"role": "user", "content": "hello"}], "max_tokens": 20, "stream": True}
        with httpx.stream("POST", f"{simulator.url}/v1/chat/completions", json=asked, timeout=30, trust_env=False) as answer:
            lines: list[str] = []
            for line in answer.iter_lines():
                lines += [line] if line else []
                if not told.is_set():
                    simulator.process.send_signal(signal.SIGTERM)
                    told.set()
        assert simulator.process.wait(10) == 0
    assert (len(lines), lines[-1]) == (21, "data: [DONE]")
