"""A record speaks of one process only, whatever becomes of its id."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.sandbox import records
from headroom.sandbox.layout import Layout
from headroom.sandbox.records import Record


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(Clone(tmp_path))


def own_record() -> Record:
    mark = records.started(os.getpid())
    assert mark is not None
    return Record("self", os.getpid(), mark, "fingerprint", ("python",))


def test_a_living_process_is_alive() -> None:
    assert records.alive(own_record())


def test_a_later_process_with_the_same_id_is_not_taken_for_it() -> None:
    earlier = dataclasses.replace(own_record(), started="another-boot/17")
    assert not records.alive(earlier)


def test_a_process_that_nobody_has_reaped_is_dead() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert records.started(child.pid) is None
    child.wait()


def test_a_record_is_read_as_it_was_written(layout: Layout) -> None:
    records.write(layout, own_record())
    assert records.read(layout, "self") == own_record()


def test_a_record_cut_off_in_the_middle_counts_as_none(layout: Layout) -> None:
    records.write(layout, own_record())
    path = layout.record("self")
    path.write_text(path.read_text()[:20])
    assert records.read(layout, "self") is None
    assert records.read_all(layout) == []


def test_a_process_is_found_by_its_environment_when_its_record_is_lost(layout: Layout) -> None:
    child = subprocess.Popen(["sleep", "30"], env={"PATH": os.environ["PATH"], "HEADROOM_SANDBOX": layout.mark})
    try:
        assert [process.pid for process, _ in records.marked(layout)] == [child.pid]
    finally:
        child.kill()
        child.wait()


def test_processes_of_another_clone_are_not_found(layout: Layout) -> None:
    child = subprocess.Popen(["sleep", "30"], env={"PATH": os.environ["PATH"], "HEADROOM_SANDBOX": f"{layout.mark}-other"})
    try:
        assert list(records.marked(layout)) == []
    finally:
        child.kill()
        child.wait()
