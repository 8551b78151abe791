"""Which pull request a job speaks of, and the command that speaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headroom.automation import forge_cli
from headroom.automation.forge import ForgeRefused, Head, PullRequest, about, run_link
from headroom.cli import app
from tests.automation.github import REPOSITORY, TOKEN, FakeGitHub

RUN = {"head_repository": {"owner": {"login": "rika"}}, "head_branch": "faster", "head_sha": "abc"}


def job(tmp_path: Path, event: dict[str, Any]) -> dict[str, str]:
    """The environment of a step."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    return {"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_EVENT_PATH": str(path)}


def test_the_job_of_a_pull_request_speaks_of_it(tmp_path: Path) -> None:
    assert about(job(tmp_path, {"pull_request": {"number": 7}})) == PullRequest(REPOSITORY, 7)


def test_a_job_after_another_run_speaks_of_the_commit_of_that_run(tmp_path: Path) -> None:
    assert about(job(tmp_path, {"workflow_run": RUN})) == Head(REPOSITORY, "rika", "faster", "abc")


def test_what_is_given_counts_before_what_the_job_says(tmp_path: Path) -> None:
    assert about(job(tmp_path, {"pull_request": {"number": 7}}), "acme/other", 9) == PullRequest("acme/other", 9)


@pytest.mark.parametrize(
    ("event", "said"),
    [({"push": {}}, "which pull request"), ({"workflow_run": {**RUN, "head_repository": None}}, "is gone")],
    ids=["push", "deleted fork"],
)
def test_a_job_that_says_none_is_refused(tmp_path: Path, event: dict[str, Any], said: str) -> None:
    with pytest.raises(ForgeRefused, match=said):
        about(job(tmp_path, event))


def test_without_a_repository_it_is_said_how_one_is_given() -> None:
    with pytest.raises(ForgeRefused, match="--repository OWNER/NAME"):
        about({}, number=7)


def test_a_report_leads_to_the_page_of_its_run() -> None:
    job = {"GITHUB_SERVER_URL": "https://example.org", "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_RUN_ID": "42"}
    assert run_link(job) == f"https://example.org/{REPOSITORY}/actions/runs/42"


def test_outside_of_a_job_there_is_no_such_page() -> None:
    assert run_link({}) == ""


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeGitHub:
    """A GitHub that the command speaks to, with the environment of a pull request's job."""
    fake = FakeGitHub()
    monkeypatch.setattr(forge_cli, "GitHub", lambda token, api: fake.client(token))
    for name, value in job(tmp_path, {"pull_request": {"number": 7}}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    return fake


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "comment.md"
    path.write_text("<!-- headroom: all stacks -->\n2 stacks change ✓\n", encoding="utf-8")
    return path


def test_the_command_puts_the_file_on_the_jobs_pull_request(forge: FakeGitHub, file: Path) -> None:
    result = CliRunner().invoke(app, ["comment", str(file)])
    assert result.exit_code == 0
    assert result.output == f"created: https://example.org/{REPOSITORY}/pull/7#issuecomment-1\n"
    assert forge.comments[1]["body"] == file.read_text(encoding="utf-8")


def test_a_pull_request_that_has_moved_on_is_left_alone(
    forge: FakeGitHub, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_PATH", job(tmp_path, {"workflow_run": RUN})["GITHUB_EVENT_PATH"])
    result = CliRunner().invoke(app, ["comment", str(file)])
    assert (result.exit_code, forge.written) == (0, [])
    assert "nothing is written" in result.output


def test_a_refusal_is_said_without_a_traceback(forge: FakeGitHub, file: Path) -> None:
    forge.may_write = False
    result = CliRunner().invoke(app, ["comment", str(file)])
    assert result.exit_code == 1
    assert "pull-requests: write" in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_without_a_token_it_is_said_where_one_comes_from(forge: FakeGitHub, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    result = CliRunner().invoke(app, ["comment", str(file)])
    assert (result.exit_code, forge.asked) == (2, [])
    assert "github.token" in result.stderr
