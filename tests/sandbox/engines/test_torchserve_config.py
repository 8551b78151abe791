"""The simulator reads its configuration as the real TorchServe does."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.sandbox.engines.torchserve_config import Configuration, Misconfigured, configuration, parse, read


def told(tmp_path: Path, text: str, *arguments: str, **environment: str) -> Configuration:
    file = tmp_path / "config.properties"
    file.write_text(text)
    options = parse(["--start", "--ts-config", str(file), "--model-store", str(tmp_path), *arguments])
    return configuration(options, environment)


def test_without_a_word_nobody_outside_the_pod_reaches_it_no_series_is_shown_and_tokens_are_wanted(tmp_path: Path) -> None:
    silent = told(tmp_path, "")
    assert set(silent.addresses.values()) == {("127.0.0.1", 8080), ("127.0.0.1", 8081), ("127.0.0.1", 8082)}
    assert (silent.prometheus, silent.token_authorization, silent.job_queue_size, silent.load_models) == (False, True, 100, ())


def test_what_is_said_holds(tmp_path: Path) -> None:
    said = told(tmp_path, "inference_address=http://0.0.0.0:9080\nmetrics_mode=prometheus\njob_queue_size=5\nload_models=a,b.mar\n")
    assert said.addresses["inference"] == ("0.0.0.0", 9080)
    assert (said.prometheus, said.job_queue_size, said.load_models) == (True, 5, ("a", "b.mar"))


def test_variables_hold_only_where_the_file_allows_them(tmp_path: Path) -> None:
    assert told(tmp_path, "", TS_JOB_QUEUE_SIZE="7").job_queue_size == 100
    assert told(tmp_path, "enable_envvars_config=true", TS_JOB_QUEUE_SIZE="7").job_queue_size == 7


def test_a_models_workers_come_from_its_json(tmp_path: Path) -> None:
    text = 'models={\\\n  "tiny": {"1.0": {"marName": "tiny.mar", "minWorkers": 2, "maxWorkers": 3}}\\\n}\n'
    assert (told(tmp_path, text).models["tiny"].min_workers, told(tmp_path, text).models["tiny"].max_workers) == (2, 3)


def test_comments_are_none_of_it() -> None:
    assert read("# a=1\n b = 2 \n\nno sign\n") == {"b": "2"}


@pytest.mark.parametrize(
    ("text", "said"),
    [("inference_address=8080", "Invalid inference_address"), ("models={", "Invalid model"), ("job_queue_size=many", "no.* a number")],
)
def test_what_it_cannot_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said.replace("no.* a", "not a")):
        told(tmp_path, text)
