"""What a target of the Makefile calls, and how it ends: a program stands in for `headroom` that notes what it is asked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from headroom.paths import Clone

MAKEFILE = Clone.find().root / "Makefile"


class Called:
    """A run of one target: the commands that it called and their environment, its exit status, its words."""

    def __init__(self, directory: Path, target: str, failing: str = "nothing") -> None:
        program, asked, variables = directory / "headroom", directory / "asked", directory / "variables"
        program.write_text(f'#!/bin/sh\necho "$*" >> {asked}\nenv > {variables}\ncase "$*" in {failing}) exit 1;; esac\n')
        program.chmod(0o755)
        done = subprocess.run(
            ["make", "-s", "-f", MAKEFILE, target, f"HEADROOM={program}"], cwd=directory, capture_output=True, text=True, check=False
        )
        self.commands = asked.read_text().splitlines()
        self.environment = variables.read_text().splitlines()
        self.status = done.returncode
        self.said = done.stdout


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_what_is_called_can_read_and_write_paths_that_are_not_ascii(locale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert "LC_ALL=C.UTF-8" in Called(tmp_path, "down").environment


def test_a_locale_that_somebody_chose_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert "LC_ALL=de_DE.UTF-8" in Called(tmp_path, "down").environment


def test_down_stops_the_sandbox_of_a_stack_that_cannot_be_destroyed(tmp_path: Path) -> None:
    assert Called(tmp_path, "down", failing="destroy*").commands == ["destroy local", "sandbox down"]


def test_down_succeeds_once_the_sandbox_is_gone_with_all_that_was_in_it(tmp_path: Path) -> None:
    assert Called(tmp_path, "down", failing="destroy*").status == 0


def test_down_says_of_a_stack_that_it_was_not_destroyed(tmp_path: Path) -> None:
    assert "local was not destroyed" in Called(tmp_path, "down", failing="destroy*").said


def test_down_fails_while_the_sandbox_does_not_end(tmp_path: Path) -> None:
    assert Called(tmp_path, "down", failing="sandbox*").status != 0


def test_clean_removes_the_pinned_tools_too(tmp_path: Path) -> None:
    assert Called(tmp_path, "clean").commands[-1] == "tools clean --all"
