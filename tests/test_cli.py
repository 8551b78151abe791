"""What the program answers whatever command is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from headroom.cli import main

Ran = tuple[int, str, str]
"""Exit status, standard output, standard error."""


@pytest.fixture
def headroom(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def run(*command: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["headroom", *command])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


@pytest.mark.parametrize(
    "command",
    [
        ["look"],
        ["render"],
        ["price"],
        ["verify", "-s"],
        ["doctor"],
        ["preview"],
        ["up"],
        ["drift"],
        ["destroy"],
        ["sandbox", "up"],
        ["sandbox", "build"],
    ],
    ids=" ".join,
)
def test_a_stack_that_there_is_not_is_answered_with_those_that_there_are(headroom: Callable[..., Ran], command: list[str]) -> None:
    status, _, said = headroom(*command, "locla")
    assert status == 2
    assert "there is no stack locla (did you mean local?); this repository has: dev-aks," in said


@pytest.mark.parametrize(
    "command",
    [
        ["look", "local"],
        ["env"],
        ["verify", "-s", "local"],
        ["verify", "--all-stacks"],
        ["doctor"],
        ["preview", "local"],
        ["sandbox", "status"],
        ["sandbox", "load", "demo"],
        ["sandbox", "scenario", "vllm"],
    ],
    ids=" ".join,
)
def test_outside_of_a_checkout_it_is_said_where_to_go(
    headroom: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("HEADROOM_ROOT", str(tmp_path))
    status, _, said = headroom(*command)
    assert (status, "is not inside a checkout of headroom: run from the checkout" in said) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        ["render", "local", "--release", "keda", "--json"],
        ["verify", "-s", "local", "--json", "--sarif"],
        ["verify", "-s", "local", "--all-stacks"],
        ["verify", "--explain", "rate-window-short", "stacks"],
        ["verify", "--explain", "rate-window-short", "-s", "local"],
        ["verify", "--list", "--all-stacks"],
        ["preview", "local", "--all-stacks"],
    ],
    ids=" ".join,
)
def test_options_that_exclude_each_other_are_refused(headroom: Callable[..., Ran], command: list[str]) -> None:
    status, _, said = headroom(*command)
    assert (status, "leave" in said) == (2, True)


def test_prices_are_told_of_several_stacks_for_a_program(headroom: Callable[..., Ran]) -> None:
    _, told, _ = headroom("price", "local", "dev-eks", "--json")
    stacks = [json.loads(line) for line in told.splitlines()]
    assert [(each["stack"], [pool["pool"] for pool in each["prices"]]) for each in stacks] == [("local", ["l4"]), ("dev-eks", ["l4"])]


def test_a_cache_that_cannot_be_one_is_named(headroom: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "caches").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert headroom("tools", "list")[::2] == (1, f"{tmp_path}/caches/headroom/tools/.versions: Not a directory\n")
