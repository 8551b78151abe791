"""The workflows: linted by actionlint, every step a make target that the program takes, no more rights than a job needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from headroom import tools, yaml_text
from headroom.cli import app
from headroom.tools.catalog import TOOLS
from headroom.tools.pins import pin
from tests.evidence import Proof

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
READY = ROOT / ".github" / "actions" / "ready" / "action.yml"
FILES = [*WORKFLOWS, READY]

PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
WRITTEN = "--markdown .headroom/report/comment.md --html .headroom/report/report.html"
CALLS = {
    "preview": f"preview prod-eks {WRITTEN}",
    "compare": f"compare abc {WRITTEN}",
    "comment": "comment .headroom/report/comment.md",
    "plan": f"preview prod-eks {WRITTEN} --save-plan .headroom/report/plans",
    "deploy": f"up prod-eks {WRITTEN} --plan .headroom/report/plans --yes",
    "drift": f"drift prod-eks {WRITTEN} --exit-code",
    "findings": "verify --all-stacks --security --allow-unknown --sarif",
}
"""What each target asks of the program, of the stack prod-eks and the base abc."""
OTHERS = {"check", "test", "summary", "runner"}
"""Targets that ask nothing of it, or are what runs this test."""


def read(file: Path) -> dict[str, Any]:
    return yaml_text.load(file.read_text())


def triggers(file: Path) -> dict[str, Any]:
    """YAML 1.1 takes the key `on` for true."""
    return read(file)[True]  # pyright: ignore[reportArgumentType]


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    return read(file).get("jobs", {})


def steps(file: Path) -> list[dict[str, Any]]:
    in_jobs = [step for job in jobs(file).values() for step in job["steps"]]
    return in_jobs or read(file)["runs"]["steps"]


def every_job() -> Iterator[Any]:
    for file in WORKFLOWS:
        for name, job in jobs(file).items():
            yield pytest.param(file, job, id=f"{file.stem}-{name}")


def actionlint(directory: Path) -> subprocess.CompletedProcess[str]:
    # Without the shell's linter, which some machines have and some have not: no step has more than a word of shell.
    program = tools.require("actionlint")["actionlint"]
    return subprocess.run([program, "-shellcheck=", "-pyflakes=", "-no-color"], cwd=directory, capture_output=True, text=True)


@pytest.mark.tools
@pytest.mark.proves("Workflows for pull requests, up on main and nightly drift, linted", Proof.SCHEMA)
def test_actionlint_finds_nothing() -> None:
    done = actionlint(ROOT)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.tools
def test_actionlint_looks_at_these_files(tmp_path: Path) -> None:
    copy = shutil.copytree(ROOT / ".github", tmp_path / ".github")
    (tmp_path / ".git").mkdir()
    broken = copy / "workflows" / "up.yml"
    broken.write_text(broken.read_text().replace("needs: plan", "needs: plans").replace("aws-role:", "aws-rule:"))
    said = actionlint(tmp_path).stdout
    assert 'job "plans"' in said
    assert '"aws-rule" is not defined' in said


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_step_is_a_make_target_or_a_pinned_action(file: Path) -> None:
    for step in steps(file):
        if "run" in step:
            assert re.fullmatch(r"make \w+", step["run"])
            assert step["run"].removeprefix("make ") in CALLS.keys() | OTHERS
        else:
            assert PINNED.fullmatch(step["uses"]) or step["uses"] == "./.github/actions/ready"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_pin_says_which_release_it_is(file: Path) -> None:
    pins = [line for line in file.read_text().splitlines() if re.search(r"uses: \S+@", line)]
    assert [line for line in pins if not re.search(r"@[0-9a-f]{40} # v\d+(\.\d+)*$", line)] == []


def test_one_action_has_one_pin() -> None:
    pins = {step["uses"] for file in FILES for step in steps(file) if "@" in step.get("uses", "")}
    names = [pinned.partition("@")[0] for pinned in pins]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("target", CALLS)
def test_a_target_asks_what_the_program_takes(target: str, tmp_path: Path) -> None:
    asked = run_make(target, tmp_path).read_text().split("\n")[0]
    assert asked == CALLS[target]
    program = typer.main.get_command(app)
    name, *arguments = asked.split()
    with program.make_context("headroom", [name]) as context:
        command = program.get_command(context, name)  # pyright: ignore[reportAttributeAccessIssue]
        given = [str(tmp_path / argument) if (tmp_path / argument).exists() else argument for argument in arguments]
        command.make_context(name, given, parent=context).close()


def run_make(target: str, directory: Path, status: int = 0, expected: int = 0) -> Path:
    """Runs a target in `directory` with a program that only notes what it is asked for, and exits with `status`; the notes."""
    notes, stand_in = directory / "asked", directory / "headroom"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >> {notes}\nexit {status}\n')
    stand_in.chmod(0o755)
    comment = directory / ".headroom" / "report" / "comment.md"
    comment.parent.mkdir(parents=True)
    comment.write_text("<!-- headroom -->\n")
    given = [f"HEADROOM={stand_in}", "STACKS=prod-eks", "BASE=abc"]
    ready = [option for stamp in ("installed", "clouds") for option in ("-o", f".venv/{stamp}")]
    done = subprocess.run(["make", "-s", "-f", ROOT / "Makefile", *ready, target, *given], cwd=directory, capture_output=True, text=True)
    assert done.returncode == expected, done.stdout + done.stderr
    return notes


@pytest.mark.parametrize(("status", "expected"), [(0, 0), (1, 0), (2, 2), (3, 2)])
def test_findings_that_were_written_down_fail_no_job(status: int, expected: int, tmp_path: Path) -> None:
    run_make("findings", tmp_path, status, expected)


def test_a_job_fails_as_its_command_does(tmp_path: Path) -> None:
    run_make("drift", tmp_path, status=4, expected=2)


def test_without_a_comment_there_is_nothing_to_post(tmp_path: Path) -> None:
    done = subprocess.run(["make", "-s", "-f", ROOT / "Makefile", "-o", ".venv/installed", "comment", "HEADROOM=false"], cwd=tmp_path)
    assert done.returncode == 0


def test_what_jobs_hand_on_is_what_the_targets_write() -> None:
    written = {word for call in CALLS.values() for word in call.split() if word.startswith(".headroom/")}
    given = [step.get("with") or {} for file in WORKFLOWS for step in steps(file)]
    handed_on = {path for step in given for key in ("path", "sarif_file") for path in str(step.get(key, "")).split()}
    ours = {path for path in handed_on if path.startswith(".headroom/")}
    assert ours - written == {".headroom/report", ".headroom/report/findings.sarif"}


def test_what_is_hidden_is_handed_on_all_the_same() -> None:
    """upload-artifact leaves out what lies below a directory with a dot, and says only that it found nothing."""
    uploads = [step["with"] for file in WORKFLOWS for step in steps(file) if "upload-artifact" in step.get("uses", "")]
    assert uploads
    assert all(upload["include-hidden-files"] is True for upload in uploads)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_job_may_only_read_unless_it_says_otherwise(file: Path) -> None:
    assert read(file)["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_there_is_no_secret_to_be_lost(file: Path) -> None:
    assert not re.search(r"secrets\.|password|access-key|credentials_json|\bcreds\b", file.read_text())


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_no_token_is_left_in_the_checkout(file: Path) -> None:
    checkouts = [step for step in steps(file) if "actions/checkout" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize(("file", "job"), list(every_job()))
def test_a_job_for_a_fork_gets_no_credential(file: Path, job: dict[str, Any]) -> None:
    trusted = "github.event.pull_request.head.repo.full_name == github.repository"
    rights = [right for right, value in job.get("permissions", {}).items() if value == "write"]
    if "pull_request" in triggers(file) and rights:
        assert trusted in job["if"]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_code_of_a_pull_request_never_runs_with_the_rights_of_main(file: Path) -> None:
    assert "pull_request_target" not in triggers(file)
    if "workflow_run" in triggers(file):
        checkouts = [step["with"] for step in steps(file) if "actions/checkout" in step.get("uses", "")]
        assert checkouts
        assert all(not {"ref", "repository"} & with_.keys() for with_ in checkouts)


def test_the_comment_follows_the_preview() -> None:
    directory = ROOT / ".github" / "workflows"
    assert triggers(directory / "comment.yml")["workflow_run"]["workflows"] == [read(directory / "preview.yml")["name"]]


@pytest.mark.parametrize("name", ["up", "drift"])
def test_one_job_of_a_stack_runs_at_a_time_and_none_is_dropped(name: str) -> None:
    for job in jobs(ROOT / ".github" / "workflows" / f"{name}.yml").values():
        assert job["concurrency"] == {"group": "stack-${{ matrix.stack }}", "queue": "max"}


def test_a_stack_is_changed_behind_its_own_environment() -> None:
    found = jobs(ROOT / ".github" / "workflows" / "up.yml")
    assert (found["plan"]["environment"], found["up"]["environment"]) == ("preview", "${{ matrix.stack }}")


def test_the_pulumi_of_the_jobs_is_the_pinned_one() -> None:
    given = [step["with"]["pulumi-version"] for step in steps(READY) if "pulumi/actions" in step.get("uses", "")]
    assert given == [str(pin(TOOLS["pulumi"]).version)]
