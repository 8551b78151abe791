"""What a server may add to its engine's own arguments and environment, and under which name its model is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.settings.consistency import engine_of
from headroom.settings.overrides import served_name
from tests.settings.stack_files import DEMO, accepted, changed, problems

TAKEN = "is set by the program already, and probes and monitors depend on it"
VLLM = {"engine": "vllm", "image": "vllm/vllm-openai:v0.18.0", "model": "Qwen/Qwen3-8B"}
NIM = {"engine": "nim", "image": "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3", "model": "meta/llama-3.1-8b-instruct"}


def of(engine: dict[str, str], **settings: Any) -> str:
    autoscaling = {"replicas": {"max": 4}, "signals": {"requests-waiting": 2}}
    return changed(
        (DEMO, {**engine, "pool": "l4", "autoscaling": autoscaling, **settings}), ("headroom:credentials/ngc", {"secure": "v1:a:b"})
    )


def name(directory: Path, engine: dict[str, str], **settings: Any) -> str | None:
    server = accepted(directory, of(engine, **settings)).servers["demo"]
    return served_name(server, engine_of(server))


def refused(directory: Path, engine: dict[str, str], **settings: Any) -> dict[str, str]:
    return {path.removeprefix("servers.demo."): message for path, message in problems(directory, of(engine, **settings)).items()}


@pytest.mark.parametrize("argument", ["--port=9000", "--port", "--host=::"])
def test_an_argument_of_the_programs_own_is_refused(tmp_path: Path, argument: str) -> None:
    assert refused(tmp_path, VLLM, arguments=[argument]) == {"arguments[0]": TAKEN}


def test_so_is_one_with_underscores_which_python_takes_for_hyphens(tmp_path: Path) -> None:
    assert refused(tmp_path, VLLM, arguments=["--shutdown_timeout=1"]) == {"arguments[0]": TAKEN}


@pytest.mark.parametrize("variable", ["NIM_SERVER_PORT", "NIM_CACHE_PATH"])
def test_a_variable_of_the_programs_own_is_refused(tmp_path: Path, variable: str) -> None:
    message = "is set by the program already, and probes, monitors or volumes depend on it"
    assert refused(tmp_path, NIM, environment={variable: "9000"}) == {f"environment.{variable}": message}


def test_further_variables_are_the_servers(tmp_path: Path) -> None:
    accepted(tmp_path, of(NIM, environment={"NIM_MAX_MODEL_LEN": "8192"}))


@pytest.mark.parametrize("argument", ["--disable-log-stats", "--disable_log_stats"])
@pytest.mark.parametrize("engine", [VLLM, NIM], ids=lambda engine: engine["engine"])
def test_what_stops_the_metrics_is_refused(tmp_path: Path, engine: dict[str, str], argument: str) -> None:
    assert refused(tmp_path, engine, arguments=["--max-num-seqs=8", argument]) == {
        "arguments[1]": "stops the metrics that the signals are made of: leave it out"
    }


@pytest.mark.parametrize("engine", [VLLM, NIM], ids=lambda engine: engine["engine"])
def test_a_model_is_counted_under_its_own_name(tmp_path: Path, engine: dict[str, str]) -> None:
    assert name(tmp_path, engine) == engine["model"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--served-model-name=llama"],
        ["--served_model_name=llama"],
        ["--served-model-name", "llama"],
        ["--served-model-name", "llama", "llama-8b", "--max-num-seqs=8"],
        ["--served-model-name=other", "--served-model-name=llama"],
    ],
    ids=" ".join,
)
def test_or_under_the_first_that_an_argument_gives_it(tmp_path: Path, arguments: list[str]) -> None:
    assert name(tmp_path, VLLM, arguments=arguments) == "llama"


@pytest.mark.parametrize("names", ["llama", "llama,llama-8b", " llama , llama-8b"])
def test_or_under_the_first_that_a_variable_gives_it(tmp_path: Path, names: str) -> None:
    assert name(tmp_path, NIM, environment={"NIM_SERVED_MODEL_NAME": names}) == "llama"


def test_an_argument_counts_before_a_variable(tmp_path: Path) -> None:
    given = {"arguments": ["--served-model-name=llama"], "environment": {"NIM_SERVED_MODEL_NAME": "other"}}
    assert name(tmp_path, NIM, **given) == "llama"


def test_an_empty_name_is_none(tmp_path: Path) -> None:
    assert name(tmp_path, NIM, environment={"NIM_SERVED_MODEL_NAME": ""}) == NIM["model"]


def test_a_server_that_names_no_model_counts_all_of_them(tmp_path: Path) -> None:
    unnamed = {key: value for key, value in NIM.items() if key != "model"}
    assert name(tmp_path, unnamed, environment={"NIM_SERVED_MODEL_NAME": "llama"}) is None


@pytest.mark.parametrize("served", ['a"} or vector(9)', "a,b", "--max-num-seqs=8"])
def test_no_name_leaves_the_quotes_of_promql(tmp_path: Path, served: str) -> None:
    assert refused(tmp_path, VLLM, arguments=["--served-model-name", served]) == {
        "model": "is served under another name, which must be the name of a model: letters, digits and . _ : / + -"
    }
