"""Processes are started so that they outlive their starter, and ended so that nothing is left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from headroom.paths import Clone
from headroom.sandbox import launch, records
from headroom.sandbox.errors import CannotRun
from headroom.sandbox.layout import Layout
from headroom.sandbox.process import Process

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(Clone(tmp_path))
    made.root.mkdir(parents=True)
    return made


def wait_for_line(layout: Layout, name: str, line: str) -> None:
    deadline = time.monotonic() + 10
    while line not in launch.last_lines(layout.log(name)) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_process_leads_a_session_of_its_own(layout: Layout) -> None:
    record = launch.start(layout, Process("sleeper", ("sleep", "60")))
    try:
        assert os.getsid(record.pid) == record.pid
    finally:
        launch.end(layout, ["sleeper"])


def test_a_program_that_cannot_be_run_is_named_with_what_has_it_built_anew(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADROOM_TOOLS_CACHE", str(layout.root))
    built = layout.root / "kwok-1.0.0-0123"
    built.mkdir()
    (built / "kwok").touch(mode=0o755)
    with pytest.raises(CannotRun) as refused:
        launch.start(layout, Process("kwok", (str(built / "kwok"),)))
    assert str(refused.value) == (
        f"{built}/kwok cannot be run: Exec format error. `rm -r {built}` and `headroom tools build kwok` have it built anew."
    )


def test_what_is_ended_is_dead_and_forgotten(layout: Layout) -> None:
    record = launch.start(layout, Process("sleeper", ("sleep", "60")))
    launch.end(layout, ["sleeper"])
    assert not records.alive(record)
    assert records.read(layout, "sleeper") is None


def test_a_process_that_ignores_a_polite_word_is_ended_too(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "GRACE_SECONDS", 0.3)
    record = launch.start(layout, Process("stubborn", (sys.executable, "-c", STUBBORN)))
    wait_for_line(layout, "stubborn", "deaf")
    launch.end(layout, ["stubborn"])
    assert not records.alive(record)


def test_a_process_that_took_over_the_id_is_left_alone(layout: Layout) -> None:
    record = launch.start(layout, Process("sleeper", ("sleep", "60")))
    records.write(layout, records.Record("old", record.pid, "another-boot/17", "fingerprint", ("etcd",)))
    launch.end(layout, ["old"])
    assert records.alive(record)
    launch.end(layout, ["sleeper"])


def test_the_log_of_the_process_before_is_kept(layout: Layout) -> None:
    for word in ("first", "second"):
        launch.start(layout, Process("speaker", ("echo", word)))
        wait_for_line(layout, "speaker", word)
    assert launch.last_lines(layout.previous_log("speaker")) == ["first"]


@pytest.mark.parametrize(
    ("argv", "program"),
    [
        (["/tools/etcd-1/etcd", "--data-dir=a"], ("etcd",)),
        (["/usr/bin/python3", "-m", "headroom.sandbox.gateway", "x"], ("-m", "headroom.sandbox.gateway")),
        ([], ()),
    ],
)
def test_a_program_is_known_by_its_file_or_its_module(argv: list[str], program: tuple[str, ...]) -> None:
    assert launch.program(argv) == program


def test_what_a_process_started_is_not_taken_for_the_process() -> None:
    child = subprocess.Popen(["sleep", "60"])
    try:
        assert not launch.runs(psutil.Process(child.pid), ["/usr/bin/python3", "-m", "headroom.sandbox.kubelet"])
    finally:
        child.kill()
        child.wait()
