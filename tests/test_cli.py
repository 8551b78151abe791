"""What the program answers whatever command is asked for."""

from __future__ import annotations

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
