"""What `headroom doctor` says by its exit status, and how long it looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from headroom.doctor import cli
from headroom.doctor.access import Access
from headroom.doctor.kinds import DEPLOYMENTS, NODES, SERVICES
from headroom.doctor.loop import Link, Loop, Verdict
from headroom.doctor.reading import Reading, Unread
from headroom.paths import Clone
from headroom.settings import Problem
from tests.doctor.objects import deployment, service
from tests.settings.stack_files import changed, write

HOLDS = Link("pods", Verdict.HOLDS, "1 of 1 pods are ready")
BROKEN = Link("target", Verdict.BROKEN, "no target", 0, "look")
UNTOLD = Link("engine", Verdict.CANNOT_TELL, "you may not")
Ask = Callable[..., Result]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs the command where each look in turn shows other links and other objects, the last ones for ever."""
    (tmp_path / "stacks").mkdir()
    write(tmp_path / "stacks", changed())

    # What runs in the cluster already is all that a stack collides with here.
    def run(*arguments: str, looks: list[list[Link]] | None = None, readings: list[Reading] | None = None) -> Result:
        left, unread = list(looks or [[HOLDS]]), list(readings or [Reading()])
        monkeypatch.setattr(cli.Clone, "find", lambda: Clone(tmp_path))
        monkeypatch.setattr(cli, "access", lambda *_: Access((tmp_path,), None, True, ""))
        monkeypatch.setattr(cli.Client, "from_kubeconfig", lambda *_, **__: None)
        monkeypatch.setattr(cli, "read", lambda _: unread.pop(0) if len(unread) > 1 else unread[0])
        monkeypatch.setattr(cli, "conflicts", lambda found, *_: [Problem((runs.add_on,), "runs already") for runs in found.controllers])
        monkeypatch.setattr(cli, "measure", lambda *_: (Loop("demo", "inference", tuple(left.pop(0) if len(left) > 1 else left[0])),))
        monkeypatch.setattr(cli.time, "sleep", lambda _: None)
        return CliRunner().invoke(cli.app, ["doctor", "test", *arguments])

    return run


@pytest.mark.parametrize(
    ("links", "status"),
    [([HOLDS], 0), ([HOLDS, BROKEN], 1), ([HOLDS, UNTOLD], 3), ([UNTOLD, BROKEN], 1), ([], 0)],
    ids=["holds", "broken", "cannot tell", "both", "never applied"],
)
def test_the_exit_status_is_that_of_the_worst_link(ask: Ask, links: list[Link], status: int) -> None:
    assert ask(looks=[links]).exit_code == status


def test_a_list_that_may_not_be_read_is_told_by_the_exit_status(ask: Ask) -> None:
    assert ask(readings=[Reading({}, (Unread(NODES, "you may not list them"),))]).exit_code == 3


def test_the_broken_link_is_the_first_thing_that_is_said(ask: Ask) -> None:
    assert ask(looks=[[HOLDS, BROKEN]]).output.strip().splitlines()[0] == "The loop of demo in inference: broken at target: no target"


def test_it_looks_again_while_it_may_wait(ask: Ask) -> None:
    looks: list[list[Link]] = [[], [BROKEN], [UNTOLD], [HOLDS]]
    assert ask("--wait", "60", looks=looks).exit_code == 0
    assert ask(looks=[[BROKEN], [HOLDS]]).exit_code == 1


def test_a_conflict_that_goes_while_it_waits_is_none(ask: Ask) -> None:
    left_behind = Reading({DEPLOYMENTS: [deployment("keda/keda-operator", "ghcr.io/kedacore/keda:2.20.2")]})
    assert ask("--wait", "60", looks=[[UNTOLD], [HOLDS]], readings=[left_behind, Reading()]).exit_code == 0


def test_a_prometheus_is_asked_at_every_look(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "answers_as_prometheus", lambda *_: True)
    there = Reading({SERVICES: [service("monitoring/prometheus-operated", 9090)]})
    told: dict[str, Any] = json.loads(ask("--json", "--wait", "60", looks=[[UNTOLD], [HOLDS]], readings=[Reading(), there]).output)
    assert [each["answers"] for each in told["found"]["services"]] == [True]


def test_it_gives_up_when_its_time_is_over(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(0, 1000, 10))
    monkeypatch.setattr(cli.time, "monotonic", lambda: next(seconds))
    assert ask("--wait", "60", looks=[[BROKEN]]).exit_code == 1


def test_a_program_is_told_of_every_loop(ask: Ask) -> None:
    told: dict[str, Any] = json.loads(ask("--json", looks=[[HOLDS, BROKEN]]).output)
    assert [(loop["server"], loop["broken"]) for loop in told["loops"]] == [("demo", "target")]


def test_the_roles_that_suffice_are_printed_without_a_cluster(ask: Ask) -> None:
    printed = list(yaml.safe_load_all(ask("--rights").output))
    assert [(role["kind"], role["metadata"].get("namespace")) for role in printed] == [
        ("ClusterRole", None),
        ("Role", "inference"),
        ("Role", "monitoring"),
    ]
