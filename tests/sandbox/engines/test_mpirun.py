"""A process for each rank, each told its number."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from headroom.sandbox.engines.mpirun import Job, read, run

ROOT = () if os.getuid() else ("--allow-run-as-root",)


def program(directory: Path, status: int = 0) -> tuple[str, ...]:
    """Leaves a file named by its rank."""
    code = f"import os, sys, pathlib; e = os.environ; name = e['OMPI_COMM_WORLD_RANK'] + 'of' + e['OMPI_COMM_WORLD_SIZE']; \
pathlib.Path({str(directory)!r}, name).touch(); sys.exit({status})"
    return (sys.executable, "-c", code)


def test_sections_are_ranks() -> None:
    assert read([*ROOT, "-n", "1", "a", "--x", ":", "-n", "2", "b"], "here") == Job((("a", "--x"), ("b",), ("b",)), ("here",) * 3)


def test_ranks_are_dealt_to_hosts_by_their_slots() -> None:
    job = read([*ROOT, "--mca", "plm_rsh_agent", "/x", "--host", "one:2,two:2", "-n", "4", "a"], "one")
    assert job.hosts == ("one", "one", "two", "two")


def test_more_ranks_than_slots_are_refused() -> None:
    with pytest.raises(SystemExit, match="not enough slots"):
        read([*ROOT, "--host", "one:1", "-n", "2", "a"], "one")


@pytest.mark.skipif(os.getuid() != 0, reason="only root is refused")
def test_root_is_refused_unless_it_is_allowed() -> None:
    with pytest.raises(SystemExit, match="run as root"):
        read(["-n", "1", "a"], "here")


def test_root_is_allowed_by_variables_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMPI_ALLOW_RUN_AS_ROOT", "1")
    monkeypatch.setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
    assert read(["-n", "1", "a"], "here").ranks == (("a",),)


def test_each_rank_knows_its_number_and_how_many_there_are(tmp_path: Path) -> None:
    job = Job((program(tmp_path),) * 2, ("here", "here"))
    assert asyncio.run(run(job, "here")) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0of2", "1of2"]


def test_ranks_of_other_hosts_are_not_started(tmp_path: Path) -> None:
    asyncio.run(run(Job((program(tmp_path),) * 2, ("here", "there")), "here"))
    assert [path.name for path in tmp_path.iterdir()] == ["0of2"]


def test_when_a_rank_fails_all_end_with_its_status(tmp_path: Path) -> None:
    job = Job((("sleep", "60"), program(tmp_path, 3)), ("here", "here"))
    assert asyncio.run(run(job, "here")) == 3
