"""Which log, and which part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.sandbox.kubelet.logs import NoLog, Wanted, find, read


@pytest.fixture
def container(tmp_path: Path) -> Path:
    for attempt, text in (("0", "before\n"), ("1", "one\ntwo\nthree\n")):
        (tmp_path / attempt).mkdir()
        (tmp_path / attempt / "log").write_text(text)
    return tmp_path


def text(log: Path, tail: int | None = None, limit: int | None = None) -> str:
    return b"".join(read(log, Wanted(tail=tail, limit=limit), lambda: False)).decode()


def test_the_present_run_is_meant_unless_the_one_before_is_asked_for(container: Path) -> None:
    assert find(container, previous=False).parent.name == "1"
    assert find(container, previous=True).parent.name == "0"


def test_a_container_that_was_never_restarted_has_no_log_before(tmp_path: Path) -> None:
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "log").write_text("")
    with pytest.raises(NoLog, match="previous"):
        find(tmp_path, previous=True)


@pytest.mark.parametrize(("lines", "expected"), [(0, ""), (1, "three\n"), (2, "two\nthree\n"), (9, "one\ntwo\nthree\n")])
def test_the_last_lines(container: Path, lines: int, expected: str) -> None:
    assert text(container / "1" / "log", tail=lines) == expected


def test_a_last_line_without_an_end_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("one\ntwo")
    assert text(tmp_path / "log", tail=1) == "two"


def test_no_more_bytes_than_asked_for(container: Path) -> None:
    assert text(container / "1" / "log", limit=5) == "one\nt"


def test_what_is_written_meanwhile_is_followed(container: Path) -> None:
    log = container / "1" / "log"
    pieces = read(log, Wanted(follow=True, tail=1), lambda: False)
    assert next(read(log, Wanted(follow=True, tail=1), lambda: True)) == b"three\n"
    assert b"".join(pieces) == b"three\n"


def test_an_option_that_needs_the_time_of_each_line_is_refused_by_name() -> None:
    with pytest.raises(NoLog, match="sinceSeconds"):
        Wanted.of({"sinceSeconds": "5", "follow": "true"})
