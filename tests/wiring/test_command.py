"""`headroom verify` as a user meets it: what it prints and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from headroom.cli import app

CHECKS = Path(__file__).parent / "checks"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["verify", *map(str, arguments)])


def test_it_exits_with_0_when_nothing_is_found() -> None:
    assert run(CHECKS / "selector-mismatch" / "success.yaml").exit_code == 0


def test_a_warning_is_no_error() -> None:
    result = run("--allow-unknown", CHECKS / "ignore-expired" / "failure.yaml")
    assert "warning" in result.output
    assert result.exit_code == 0


def test_it_exits_with_1_on_an_error() -> None:
    assert run(CHECKS / "selector-mismatch" / "failure.yaml").exit_code == 1


def test_it_exits_with_3_when_something_could_not_be_told() -> None:
    assert run(CHECKS / "autoscaler-target-missing" / "unknown-elsewhere.yaml").exit_code == 3


def test_a_template_in_a_directory_is_something_that_could_not_be_told(tmp_path: Path) -> None:
    (tmp_path / "right.yaml").write_text((CHECKS / "selector-mismatch" / "success.yaml").read_text())
    (tmp_path / "template.yaml").write_text("kind: X\nname: {{ .Release.Name }}-a\n")
    result = run("--json", tmp_path)

    assert (result.exit_code, run(tmp_path / "template.yaml").exit_code) == (3, 2)
    assert [finding["check"] for finding in json.loads(result.stdout)["findings"]] == ["file-unreadable"]


def test_what_could_not_be_told_may_be_allowed() -> None:
    assert run("--allow-unknown", CHECKS / "autoscaler-target-missing" / "unknown-elsewhere.yaml").exit_code == 0


@pytest.mark.parametrize("arguments", [("nowhere.yaml",), (), ("-s", "nowhere"), ("--explain", "no-such-check")])
def test_it_exits_with_2_and_no_traceback_when_it_cannot_read_its_input(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    "text", ["", "root:x:0:0\n", "config:\n  headroom:cluster: {provider: kwok}\n", "apiVersion: example.com/v1\nkind: Parrot\n"]
)
def test_it_exits_with_2_where_there_is_nothing_to_judge(tmp_path: Path, text: str) -> None:
    (tmp_path / "some.yaml").write_text(text)
    result = run(tmp_path)
    assert (result.exit_code, "nothing in it is anything to judge" in result.stderr) == (2, True)


def test_a_place_that_is_not_there_says_how_a_stack_is_named() -> None:
    assert "-s" in run("local").stderr


def test_json_goes_to_standard_output_alone() -> None:
    result = run("--json", CHECKS / "selector-mismatch" / "failure.yaml")
    assert [finding["check"] for finding in json.loads(result.stdout)["findings"]] == ["selector-mismatch"]


def test_sarif_names_line_and_file_as_from_the_repositorys_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKS)
    location = json.loads(run("--sarif", "selector-mismatch/failure.yaml").stdout)["runs"][0]["results"][0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "tests/wiring/checks/selector-mismatch/failure.yaml"
    assert location["physicalLocation"]["region"]["startLine"] > 1


def test_sarif_of_a_stack_names_the_stack_file_wherever_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKS)
    results = json.loads(run("--sarif", "-s", "prod-servers").stdout)["runs"][0]["results"]
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results}
    assert uris == {"stacks/Pulumi.prod-servers.yaml"}


def test_a_stack_of_the_repository_is_verified_by_name() -> None:
    assert run("-s", "local").exit_code == 0


def test_a_check_is_explained() -> None:
    assert "Why it matters" in run("--explain", "rate-window-short").output
