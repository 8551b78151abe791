"""The worker scaler step by step: what it says, and what it asks for again."""

from __future__ import annotations

import time
from typing import Any

import pytest

from headroom.worker_scaler.__main__ import Scaler
from headroom.worker_scaler.decision import Limits, Resize
from headroom.worker_scaler.management import Described
from headroom.worker_scaler.pod import Memory, Refused

LIMITS = Limits(minimum=1, maximum=4, pending_per_worker=2, quiet=60, memory=1000, memory_per_worker=500)
ENOUGH = Memory(1000, 1000, Resize.DONE)
NEVER = Memory(1000, 900, Resize.INFEASIBLE, "the node has not so much")


class Played:
    """A server with one idle worker, and its pod, whose memory is as told and whose API server refuses every change."""

    def __init__(self, memory: Memory) -> None:
        self.now = memory
        self.asked: list[int] = []

    def look(self) -> tuple[Described, float]:
        return Described(1, 1, 0), 0.0

    def memory(self) -> Memory:
        return self.now

    def set_memory(self, size: int) -> None:
        self.asked.append(size)
        raise Refused("PATCH: HTTP 403: pods/resize is forbidden")


def scaler(played: Any) -> Scaler:
    return Scaler(LIMITS, played, played)


def test_what_stays_infeasible_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    running = scaler(Played(NEVER))
    for _ in range(3):
        running.step()
    assert capsys.readouterr().out.splitlines() == ["resize to 1000 bytes is infeasible: the node has not so much", "enough"]


def test_what_is_infeasible_again_is_said_again(capsys: pytest.CaptureFixture[str]) -> None:
    played = Played(NEVER)
    running = scaler(played)
    for memory in (NEVER, ENOUGH, NEVER):
        played.now = memory
        running.step()
    assert capsys.readouterr().out.count("is infeasible") == 2


@pytest.mark.parametrize("resize", [Resize.DONE, Resize.INFEASIBLE])
def test_a_change_that_is_refused_is_not_asked_for_again_soon(resize: Resize) -> None:
    played = Played(Memory(1500, 1000, resize))
    running = scaler(played)
    for _ in range(3):
        running.step()
    assert played.asked == [1000]


def test_a_change_that_was_refused_is_asked_for_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played(Memory(1500, 1500, Resize.DONE))
    running = scaler(played)
    running.step()
    later = time.monotonic() + 301
    monkeypatch.setattr(time, "monotonic", lambda: later)
    running.step()
    assert played.asked == [1000, 1000]
