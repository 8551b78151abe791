"""Where a tool comes from: the PATH, the cache, or a build."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from headroom.tools import ToolError, find, require, venvs
from headroom.tools.cache import Cache
from headroom.tools.pins import pin
from headroom.tools.progress import Plain
from tests.tools.conftest import LAMP, Builds, script


def test_a_program_on_the_path_is_taken_when_its_version_fits(tmp_path: Path, builds: Builds) -> None:
    own = script(tmp_path / "path" / "lamp", "echo lamp v1.4.7")

    assert require("lamp") == {"lamp": own}
    assert builds() == 0


def test_a_program_on_the_path_that_is_too_old_is_left_alone(tmp_path: Path, builds: Builds) -> None:
    own = script(tmp_path / "path" / "lamp", "echo lamp v1.3.0")

    assert require("lamp")["lamp"] != own
    assert builds() == 1


def test_a_program_on_the_path_that_does_not_work_is_left_alone(tmp_path: Path, builds: Builds) -> None:
    script(tmp_path / "path" / "lamp", "exit 1")

    assert find("lamp") is None


def test_a_program_on_the_path_is_asked_for_its_version_once(tmp_path: Path, builds: Builds) -> None:
    asked = tmp_path / "asked"
    script(tmp_path / "path" / "lamp", f"echo asked >> {asked}; echo lamp v1.4.2")

    find("lamp")
    find("lamp")

    assert asked.read_text().splitlines() == ["asked"]


def test_a_program_that_is_asked_for_its_version_has_no_place_for_a_log_of_it(tmp_path: Path, builds: Builds) -> None:
    home = tmp_path / "home"
    script(tmp_path / "path" / "lamp", f'echo "$PULUMI_HOME" > {home}; echo lamp v1.4.2')

    find("lamp")

    assert home.read_text() == "/dev/null\n"


def test_a_program_that_was_replaced_is_asked_again(tmp_path: Path, builds: Builds) -> None:
    own = script(tmp_path / "path" / "lamp", "echo lamp v1.3.0")
    before = find("lamp")
    script(own, "echo lamp v1.4.2; exit 0")

    assert (before, find("lamp")) == (None, own)


def test_programs_that_are_one_file_under_several_names_are_each_asked(tmp_path: Path, builds: Builds) -> None:
    several = script(tmp_path / "snap", 'case "$0" in *lamp) echo lamp v1.3.0 ;; *) echo torch v1.4.2 ;; esac')
    lamp, torch = tmp_path / "path" / "lamp", tmp_path / "path" / "torch"
    for name in (lamp, torch):
        name.symlink_to(several)
    cache = Cache.default()
    answers = [cache.remembered(name, lambda name=name: subprocess.check_output([name], text=True)) for name in (torch, lamp)]

    assert (answers, find("lamp")) == (["torch v1.4.2\n", "lamp v1.3.0\n"], None)


def test_a_link_into_the_cache_is_not_the_machines_own(tmp_path: Path, builds: Builds, cache: Cache) -> None:
    built = require("lamp")["lamp"]
    (tmp_path / "path" / "lamp").symlink_to(built)

    assert find("lamp") == built


def test_a_build_makes_the_program_and_its_companions(builds: Builds, cache: Cache) -> None:
    program = require("lamp")["lamp"]

    assert program == cache.root / pin(LAMP).entry / "lamp"
    assert (program.parent / "shade.txt").read_text() == "a companion"


def test_a_second_run_builds_nothing(builds: Builds) -> None:
    assert require("lamp") == require("lamp")
    assert builds() == 1


def test_a_build_runs_in_the_wrapper_module(tmp_path: Path, builds: Builds, wrapper: Path) -> None:
    require("lamp")

    assert (tmp_path / "builds.log").read_text() == f"build in {wrapper}\n"


def test_what_an_interrupted_build_left_is_not_a_tool_and_does_not_stay(builds: Builds, cache: Cache) -> None:
    leftover = cache.root / pin(LAMP).entry / "lamp"
    script(leftover, "echo half a program")
    (leftover.parent / ".scratch").mkdir()

    assert find("lamp") is None
    assert "half" not in require("lamp")["lamp"].read_text()
    assert not (leftover.parent / ".scratch").exists()


def test_two_clones_that_want_a_tool_at_once_share_one_build(builds: Builds) -> None:
    threads = [threading.Thread(target=require, args=("lamp",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert builds() == 1


def test_a_program_deleted_from_the_cache_is_built_again(builds: Builds) -> None:
    require("lamp")["lamp"].unlink()

    require("lamp")

    assert builds() == 2


def test_a_tool_that_lacks_a_companion_is_built_again(builds: Builds) -> None:
    companion = require("lamp")["lamp"].parent / "shade.txt"
    companion.unlink()

    require("lamp")

    assert (builds(), companion.exists()) == (2, True)


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("lamp.go:3: syntax error", "Run it again"),
        ("write /tmp/x: no space left on device", "The disk is full"),
        ("dial tcp: lookup: no such host", "Check the network"),
        ("missing go.sum entry for module", "Restore them from version control"),
        ("compile: signal: killed", "ran out of memory"),
    ],
)
def test_a_failed_build_shows_its_last_lines_and_what_to_do(
    builds: Builds, monkeypatch: pytest.MonkeyPatch, output: str, remedy: str
) -> None:
    monkeypatch.setenv("FAKE_FAILURE", output)

    with pytest.raises(ToolError) as error:
        require("lamp")

    assert "lamp 1.4.2 could not be built (exit 1)" in str(error.value)
    assert output in str(error.value)
    assert remedy in str(error.value)


def test_a_failed_build_leaves_no_tool(builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAILURE", "no")
    with pytest.raises(ToolError):
        require("lamp")

    assert find("lamp") is None


def test_too_little_disk_is_refused_before_anything_starts(builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**6, 10**6, 0))

    with pytest.raises(ToolError, match=r"Building needs up to 0\.0 GB, and .* has 0\.0 GB free.*HEADROOM_TOOLS_CACHE"):
        require("lamp")
    assert builds() == 0


def test_what_will_be_built_and_how_much_disk_it_takes_is_said_first(builds: Builds) -> None:
    said: list[str] = []

    require("lamp", report=Plain(said.append))

    assert said[0].startswith("To be had once and kept: lamp. It takes about 1 min and up to 0.0 GB in ")
    assert said[-1].startswith("tools 1/1: lamp 1.4.2: ready after ")


def test_a_tool_that_nobody_knows_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ToolError, match=r"There is no tool 'hammer'\. The tools are: pulumi, kube-apiserver, "):
        find("hammer")


def test_an_old_go_is_not_used(tmp_path: Path, builds: Builds) -> None:
    script(tmp_path / "path" / "go", "echo go version go1.19.8 linux/amd64")

    assert find("go") is None


def test_a_machine_without_go_gets_one_before_what_it_builds(builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "path" / "go").rename(tmp_path / "hidden-go")
    said: list[str] = []
    monkeypatch.setattr(venvs, "steps", lambda requirements, into: [_pretend_to_install(tmp_path / "hidden-go", into)])

    require("lamp", report=Plain(said.append))

    assert said[0].startswith("To be had once and kept: go, lamp.")
    assert builds() == 1


def _pretend_to_install(program: Path, into: Path) -> list[str]:
    place = into / "lib" / "python3.11" / "site-packages" / "go" / "bin"
    return ["sh", "-c", f"mkdir -p {place} && cp {program} {place}/go"]
