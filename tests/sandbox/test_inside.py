"""The part inside the namespace answers in lines that the outer part can read."""

from __future__ import annotations

import io
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.sandbox import inside, records
from headroom.sandbox.errors import Refused
from headroom.sandbox.inside import Line, told
from headroom.sandbox.layout import Layout
from headroom.sandbox.records import Record
from headroom.sandbox.report import Report
from headroom.sandbox.request import Request


class Slow(io.StringIO):
    """Gives other threads their turn after each write, as a pipe may."""

    def write(self, text: str) -> int:
        written = super().write(text)
        time.sleep(0.001)
        return written


def test_what_several_threads_say_at_once_comes_in_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Slow()
    monkeypatch.setattr(sys, "stdout", pipe)
    line = Line()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: line.say("progress", number), range(40)))
    said = [json.loads(text)["progress"] for text in pipe.getvalue().splitlines()]
    assert sorted(said) == list(range(40))


def test_an_error_names_the_processes_that_have_died(tmp_path: Path) -> None:
    layout = Layout(Clone(tmp_path))
    records.write(layout, Record("kube-apiserver", 1, "another-boot/17", "fingerprint", ("kube-apiserver",)))
    layout.log("kube-apiserver").parent.mkdir()
    layout.log("kube-apiserver").write_text("out of memory\n")
    said = told(Refused("GET /api: the API server does not answer"), layout)
    assert said.startswith("GET /api: the API server does not answer\nkube-apiserver died")
    assert "out of memory" in said


def test_a_defect_is_shown_and_ends_the_worker(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def defective(_request: Request, _report: Report) -> None:
        raise KeyError("x")

    monkeypatch.setattr(inside, "answer", defective)
    monkeypatch.setattr(sys, "argv", ["inside", '{"what": "up", "clone": "/clone"}'])
    assert inside.main() == 1
    assert "KeyError" in capsys.readouterr().err
