"""What the program answers whatever command is asked for."""

from __future__ import annotations

import json
import sys

import pytest

from headroom.cli import main


@pytest.mark.parametrize(
    "command",
    [
        ["look", "locla"],
        ["render", "locla"],
        ["price", "locla"],
        ["verify", "-s", "locla"],
        ["doctor", "locla"],
        ["preview", "locla"],
        ["up", "locla"],
        ["drift", "locla"],
        ["destroy", "locla"],
        ["sandbox", "up", "locla"],
        ["sandbox", "build", "locla"],
    ],
    ids=" ".join,
)
def test_a_stack_that_there_is_not_is_answered_with_those_that_there_are(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["headroom", *command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "there is no stack locla (did you mean local?); this repository has: dev-aks," in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["render", "local", "--release", "keda", "--json"], ["verify", "-s", "local", "--json", "--sarif"]], ids=" ".join
)
def test_options_that_exclude_each_other_are_refused(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["headroom", *command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, "leave" in capsys.readouterr().err) == (2, True)


def test_prices_are_told_of_several_stacks_for_a_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["headroom", "price", "local", "dev-eks", "--json"])
    with pytest.raises(SystemExit):
        main()
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["stack"], [pool["pool"] for pool in each["prices"]]) for each in told] == [("local", ["l4"]), ("dev-eks", ["l4"])]
