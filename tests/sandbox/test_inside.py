"""The part inside the namespace answers in lines that the outer part can read."""

from __future__ import annotations

import io
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from headroom.sandbox.inside import Line


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
