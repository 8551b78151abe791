"""`headroom compare BASE` as a job of a fork's pull request meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from headroom.cli import app
from headroom.report import renders
from headroom.report.changes import Report, StackChanges

KNOWN = ("local", "prod")


@pytest.fixture(autouse=True)
def two_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A base that is called `main`, with two stacks, of which `prod` cannot be rendered."""

    def names(clone: object, base: str) -> tuple[str, ...]:
        if base != "main":
            raise renders.NoBase(f"there is no commit {base}")
        return KNOWN

    def compare(clone: object, base: str, stacks: tuple[str, ...]) -> Report:
        problems = {"prod": "machine: there is no g6.tiny"}
        return Report("render", tuple(StackChanges(name, problem=problems.get(name)) for name in stacks), base="abc")

    monkeypatch.setattr(renders, "names", names)
    monkeypatch.setattr(renders, "compare", compare)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_one_stack_is_compared_where_one_is_named() -> None:
    result = run("main", "local")
    assert (result.exit_code, "g6.tiny" in result.output) == (0, False)


def test_all_of_them_are_compared_where_none_is() -> None:
    result = run("main")
    assert result.exit_code == 1
    assert "there is no g6.tiny" in result.output


def test_the_comment_is_written_and_leads_to_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SERVER_URL", "https://example.org"), ("REPOSITORY", "acme/inference"), ("RUN_ID", "42")):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    run("main", "--markdown", tmp_path / "report" / "comment.md")
    comment = (tmp_path / "report" / "comment.md").read_text()
    assert comment.startswith("<!-- headroom")
    assert "https://example.org/acme/inference/actions/runs/42" in comment


@pytest.mark.parametrize(
    ("arguments", "said"), [(("elsewhere",), "there is no commit elsewhere"), (("main", "nowhere"), "there are: local, prod")]
)
def test_what_is_not_there_is_refused_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
