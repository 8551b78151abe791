from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from headroom.tools import golang
from headroom.tools.cache import Cache
from headroom.tools.processes import stream


class Stop(Exception):
    pass


def test_lines_are_heard_as_they_come_and_the_last_ones_kept(tmp_path: Path) -> None:
    heard: list[str] = []

    outcome = stream(["seq", "30"], cwd=tmp_path, env=os.environ, heard=heard.append, tick=lambda: None)

    assert heard == [str(number) for number in range(1, 31)]
    assert (outcome.code, outcome.tail[0], outcome.tail[-1]) == (0, "11", "30")


def test_both_outputs_and_an_unfinished_last_line_are_kept(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo one >&2; printf two; exit 4"]

    outcome = stream(command, cwd=tmp_path, env=os.environ, heard=lambda _: None, tick=lambda: None)

    assert (outcome.code, outcome.tail) == (4, ("one", "two"))


def test_an_interruption_ends_the_command_and_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    command = ["sh", "-c", f"sleep 600 & echo $$ $! > {pids}; echo started; wait"]
    started: list[str] = []

    def interrupted() -> None:
        if started:
            raise Stop

    with pytest.raises(Stop):
        stream(command, cwd=tmp_path, env=os.environ, heard=started.append, tick=interrupted)

    deadline = time.monotonic() + 10
    while (left := [pid for pid in pids.read_text().split() if _alive(int(pid))]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def _alive(pid: int) -> bool:
    """A signal that was sent is not yet one that was handled: what is a zombie, or gone, has ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_go_that_we_brought_keeps_its_caches_in_ours(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    environment = golang.environment(tmp_path / "go-1.26.6" / "go", cache, tmp_path / "scratch")

    assert Path(environment["GOPATH"]).is_relative_to(tmp_path)
    assert Path(environment["GOCACHE"]).is_relative_to(tmp_path)


def test_the_machines_own_go_keeps_its_own_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOCACHE", "/elsewhere")

    environment = golang.environment(Path("/usr/bin/go"), Cache(tmp_path), tmp_path / "scratch")

    assert environment["GOCACHE"] == "/elsewhere"


def test_settings_of_the_user_that_would_change_what_is_built_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("GOOS", "plan9"), ("GOFLAGS", "-race"), ("CGO_ENABLED", "1")):
        monkeypatch.setenv(name, value)

    environment = golang.environment(Path("/usr/bin/go"), Cache(tmp_path), tmp_path / "scratch")

    assert (environment.get("GOOS"), environment["GOFLAGS"], environment["CGO_ENABLED"]) == (None, "", "0")


def test_compilers_leave_memory_to_others(tmp_path: Path) -> None:
    environment = golang.environment(Path("/usr/bin/go"), Cache(tmp_path), tmp_path / "scratch")

    assert environment["GOGC"] == "off"
    assert 256 * 2**20 <= int(environment["GOMEMLIMIT"]) <= 2 * 2**30
