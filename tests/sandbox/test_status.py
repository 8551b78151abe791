"""What `status` says, from what is seen of the processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headroom.paths import Clone
from headroom.sandbox import records, status
from headroom.sandbox.cli import app
from headroom.sandbox.layout import Layout
from headroom.sandbox.records import Record
from headroom.sandbox.status import ProcessState
from tests.sandbox.fixtures import throwaway_clone

GONE = Record("etcd", 1, "another-boot/17", "fingerprint", ("etcd",))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return throwaway_clone(tmp_path / "clone")


def state(name: str, state: str) -> ProcessState:
    return ProcessState(name, 1, state, "log")  # pyright: ignore[reportArgumentType]


def test_without_processes_it_is_down() -> None:
    assert status.overall([], whole=False) == "down"


@pytest.mark.parametrize("bad", ["dead", "unhealthy"])
def test_one_bad_process_makes_the_whole_unhealthy(bad: str) -> None:
    assert status.overall([state("etcd", "healthy"), state("kwok", bad)], whole=True) == "unhealthy"


def test_what_an_up_did_not_come_to_makes_the_whole_unhealthy() -> None:
    assert status.overall([state("etcd", "healthy")], whole=False) == "unhealthy"


def test_the_command_says_that_an_up_did_not_come_to_its_end(clone: Clone) -> None:
    records.write(Layout(clone), GONE)
    answer = CliRunner().invoke(app, ["status"], env={"HEADROOM_ROOT": str(clone.root)})
    assert "did not come to its end" in answer.output


def test_a_dead_process_is_shown_with_the_end_of_its_log(clone: Clone) -> None:
    layout = Layout(clone)
    records.write(layout, GONE)
    layout.log("etcd").parent.mkdir()
    layout.log("etcd").write_text("".join(f"line {number}\n" for number in range(100)))
    (seen,) = status.observe_without_namespace(layout)
    assert (seen.state, seen.last_lines[-1], len(seen.last_lines)) == ("dead", "line 99", 12)


def test_the_command_says_how_to_start_what_is_down(clone: Clone) -> None:
    answer = CliRunner().invoke(app, ["status"], env={"HEADROOM_ROOT": str(clone.root)})
    assert (answer.exit_code, answer.output) == (1, "The sandbox is down. Start it: headroom sandbox up\n")


def test_the_command_names_dead_processes_for_machines_too(clone: Clone) -> None:
    records.write(Layout(clone), GONE)
    answer = CliRunner().invoke(app, ["status", "--json"], env={"HEADROOM_ROOT": str(clone.root)})
    said = json.loads(answer.output)
    assert (answer.exit_code, said["state"], said["processes"][0]["state"]) == (1, "unhealthy", "dead")


def test_kubectl_without_a_sandbox_says_how_to_start_it(clone: Clone) -> None:
    answer = CliRunner().invoke(app, ["kubectl", "get", "pods"], env={"HEADROOM_ROOT": str(clone.root)})
    assert answer.exit_code == 1
    assert "headroom sandbox up" in answer.output


def test_down_of_what_is_down_succeeds(clone: Clone) -> None:
    assert CliRunner().invoke(app, ["down"], env={"HEADROOM_ROOT": str(clone.root)}).exit_code == 0
