"""What to do about a process, decided from what is seen of it; nothing here touches one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NEW = "not started yet"


class Action(StrEnum):
    KEEP = "keep"
    START = "start"
    REPLACE = "replace"


@dataclass(frozen=True)
class Observed:
    """`recorded`: the fingerprint it was started with, None without a record. `answers`: None where nothing can be asked."""

    recorded: str | None
    alive: bool
    answers: bool | None


@dataclass(frozen=True)
class Decision:
    action: Action
    why: str


def decide(observed: Observed, wanted: str) -> Decision:
    """`wanted` is the fingerprint of the process as it is described now."""
    if observed.recorded is None:
        return Decision(Action.START, NEW)
    if not observed.alive:
        return Decision(Action.START, "had died")
    if observed.recorded != wanted:
        return Decision(Action.REPLACE, "is to run with another configuration")
    if observed.answers is False:
        return Decision(Action.REPLACE, "no longer answers")
    return Decision(Action.KEEP, "runs")
