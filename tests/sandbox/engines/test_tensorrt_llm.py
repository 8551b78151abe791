"""The simulated TensorRT-LLM backend: a prepared repository is served, and its counts are those of the real executor and of Triton."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from headroom.sandbox.engines import exposition
from headroom.sandbox.engines.http import Request
from headroom.sandbox.engines.tensorrt_llm import TensorRtLlm
from headroom.sandbox.engines.tensorrt_llm_repository import EngineFiles, find
from headroom.sandbox.engines.tensorrt_llm_tools import build, convert, download, fill
from headroom.sandbox.engines.triton_models import LoadFailed, names

pytestmark = pytest.mark.thorough

TEMPLATES = Path(__file__).parents[3] / "headroom" / "sandbox" / "engines" / "inflight_batcher_llm"
ALL = ["ensemble", "postprocessing", "preprocessing", "tensorrt_llm", "tensorrt_llm_bls"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_STEP_TIME", "20ms")
    monkeypatch.setenv("SANDBOX_BUILD_TIME", "0")
    monkeypatch.setenv("HF_TOKEN", "token")


def prepared(directory: Path, tensor: int = 1, pipeline: int = 1) -> Path:
    """A repository with its engine, made by the commands that make a real one."""
    weights, checkpoint, engine, repository = (directory / name for name in ("weights", "checkpoint", "engine", "repository"))
    assert download(["download", "meta-llama/Llama-3.1-8B", f"--local-dir={weights}"]) == 0
    sizes = [f"--tp_size={tensor}", f"--pp_size={pipeline}"]
    assert convert([f"--model_dir={weights}", f"--output_dir={checkpoint}", "--dtype=float16", *sizes]) == 0
    assert build([f"--checkpoint_dir={checkpoint}", f"--output_dir={engine}", "--max_batch_size=2"]) == 0
    (repository / "tensorrt_llm").mkdir(parents=True)
    config = repository / "tensorrt_llm" / "config.pbtxt"
    config.write_text((TEMPLATES / "tensorrt_llm" / "config.pbtxt").read_text())
    values = "triton_backend:tensorrtllm,triton_max_batch_size:8,decoupled_mode:True,max_queue_delay_microseconds:0,batching_strategy:ifb"
    assert fill(["-i", str(config), f"{values},engine_dir:{engine}"]) == 0
    return repository


def post(what: str, model: str = "ensemble", **body: Any) -> Request:
    asked = {"text_input": "one two three", "max_tokens": 5, **body}
    return Request("POST", f"/v2/models/{model}/{what}", {}, json.dumps(asked).encode())


async def content(model: TensorRtLlm, request: Request) -> tuple[int, bytes]:
    answer = await model.answer(request)
    return answer.status, answer.body if answer.stream is None else b"".join([piece async for piece in answer.stream])


def ask(*requests: Request, engine: EngineFiles | None = None) -> tuple[list[tuple[int, bytes]], TensorRtLlm]:
    """All at once, to a model with two places."""

    async def together() -> tuple[list[tuple[int, bytes]], TensorRtLlm]:
        model = TensorRtLlm(engine or EngineFiles(2, 1, 1), ALL)
        return await asyncio.gather(*(content(model, request) for request in requests)), model

    return asyncio.run(together())


def while_running(requests: int, engine: EngineFiles | None = None, prompt: int = 3) -> dict[str, float]:
    """The gauges while so many requests are there."""

    async def look() -> dict[str, float]:
        model = TensorRtLlm(engine or EngineFiles(2, 1, 1), ALL)
        tasks = [asyncio.create_task(content(model, post("generate", text_input="word " * prompt, max_tokens=50))) for _ in range(requests)]
        while model.executor.iterations < 6:
            await asyncio.sleep(0.01)
        shown = gauges(model, "nv_trt_llm_request_metrics", "request_type")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return shown

    return asyncio.run(look())


def gauges(model: TensorRtLlm, family: str, label: str) -> dict[str, float]:
    shown = exposition.read(model.metrics().body.decode())[family]
    return {labels[label]: value for labels, value in shown.samples}


def counted(model: TensorRtLlm, counter: str) -> dict[str, float]:
    return gauges(model, counter, "model")


def test_an_answer_comes_whole_from_generate() -> None:
    [(status, body)], _ = ask(post("generate"))
    assert (status, json.loads(body)) == (
        200,
        {
            "model_name": "ensemble",
            "model_version": "1",
            "sequence_end": False,
            "sequence_id": 0,
            "sequence_start": False,
            "text_output": " token token token token token",
        },
    )


def test_a_streamed_answer_comes_word_by_word() -> None:
    [(status, body)], _ = ask(post("generate_stream", stream=True))
    events = [json.loads(line.removeprefix("data: ")) for line in body.decode().split("\n\n")[:-1]]
    assert (status, [event["text_output"] for event in events]) == (200, [" token"] * 5)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (post("generate", stream=True), "use generate_stream"),
        (post("generate", model="nope"), "Request for unknown model: 'nope' is not found"),
        (Request("POST", "/v2/models/ensemble/generate", {}, b'{"text_input": "a"}'), "'max_tokens' is missing"),
        (Request("POST", "/v2/models/ensemble/generate", {}, b"{"), "failed to parse"),
    ],
)
def test_a_wrong_request_is_refused(request_: Request, error: str) -> None:
    [(status, body)], model = ask(request_)
    assert (status, error in body.decode()) == (400, True), body
    assert counted(model, "nv_inference_request_success")["tensorrt_llm"] == 0


def test_every_model_of_the_chain_has_counters_and_a_streamed_answer_is_detokenized_once_for_each_token() -> None:
    _, model = ask(post("generate"), post("generate_stream", stream=True))
    assert counted(model, "nv_inference_request_success") == {
        "ensemble": 2,
        "tensorrt_llm_bls": 0,
        "preprocessing": 2,
        "tensorrt_llm": 2,
        "postprocessing": 1 + 5,
    }


def test_what_waits_in_the_executor_is_booked_as_computing_and_never_as_queued() -> None:
    _, model = ask(*[post("generate", max_tokens=10)] * 6)
    computed = counted(model, "nv_inference_compute_infer_duration_us")["tensorrt_llm"] / 1e6
    assert counted(model, "nv_inference_queue_duration_us")["tensorrt_llm"] == 0
    # Three rounds of two: 0.2, 0.4 and 0.6 s each, where computing alone would be 0.2 s for all.
    assert computed > 2 * (0.2 + 0.4 + 0.6) * 0.9


def test_the_gauges_show_as_many_active_requests_as_there_are_places_and_nobody_beyond() -> None:
    assert while_running(6) == {"waiting": 0, "context": 0, "scheduled": 2, "max": 2, "active": 2}


def test_a_pipeline_schedules_a_part_of_its_requests_at_a_time_and_calls_the_others_waiting() -> None:
    assert while_running(4, EngineFiles(2, 1, 2)) == {"waiting": 2, "context": 0, "scheduled": 2, "max": 4, "active": 4}


def test_requests_that_the_cache_cannot_hold_wait_although_there_are_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_KV_TOKENS", "320")
    assert while_running(3, EngineFiles(8, 1, 1), prompt=150) == {"waiting": 1, "context": 0, "scheduled": 2, "max": 8, "active": 3}


def test_the_backends_families_have_the_names_and_labels_of_the_real_one() -> None:
    _, model = ask(post("generate"))
    shown = exposition.read(model.metrics().body.decode())
    found = {name: list(family.samples[0][0]) for name, family in shown.items() if name.startswith("nv_trt_llm")}
    assert found == {
        "nv_trt_llm_request_metrics": ["request_type", "model", "version"],
        "nv_trt_llm_runtime_memory_metrics": ["memory_type", "model", "version"],
        "nv_trt_llm_kv_cache_block_metrics": ["kv_cache_block_type", "model", "version"],
        "nv_trt_llm_inflight_batcher_metrics": ["inflight_batcher_specific_metric", "model", "version"],
        "nv_trt_llm_general_metrics": ["general_type", "model", "version"],
    }
    assert gauges(model, "nv_trt_llm_kv_cache_block_metrics", "kv_cache_block_type").keys() == {
        "fraction",
        "tokens_per",
        "used",
        "free",
        "max",
    }


def test_a_prepared_repository_leads_to_its_engine(tmp_path: Path) -> None:
    assert find(prepared(tmp_path)) == EngineFiles(2, 1, 1)
    assert names(tmp_path / "repository") == ["tensorrt_llm"]


def test_an_engine_for_several_gpus_is_not_served_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = prepared(tmp_path, tensor=2, pipeline=2)
    with pytest.raises(LoadFailed, match=r"MPI size \(1\) != TP size \(2\) \* PP size \(2\)"):
        find(repository)
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "4")
    monkeypatch.setenv("OMPI_COMM_WORLD_RANK", "3")
    assert find(repository) == EngineFiles(2, 2, 2)


def test_an_engine_that_was_not_built_is_not_served(tmp_path: Path) -> None:
    repository = prepared(tmp_path)
    (tmp_path / "engine" / "config.json").unlink()
    with pytest.raises(LoadFailed, match="no engine has been built there"):
        find(repository)


def test_a_gated_model_is_not_downloaded_without_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert download(["download", "meta-llama/Llama-3.1-8B", f"--local-dir={tmp_path}"]) == 1
