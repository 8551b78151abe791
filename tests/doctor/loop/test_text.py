"""What is said of a loop as a whole, to people and to programs."""

from __future__ import annotations

import json

import pytest

from headroom.doctor.loop.links import Link, Loop, Verdict
from headroom.doctor.loop.text import as_json, lines, summary

HOLDS = Link("pods", Verdict.HOLDS, "1 of 1 pods are ready")
UNTOLD = Link("engine", Verdict.CANNOT_TELL, "you may not ask pods", None, "get the right")
BROKEN = Link("target", Verdict.BROKEN, "no target for pod demo-1", 2.04, "see the relabelings")
AFTER = Link("rule", Verdict.NOT_REACHED)


def loop(*links: Link) -> Loop:
    return Loop("demo", "inference", links)


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ([HOLDS], "demo in inference: every link holds"),
        ([HOLDS, UNTOLD], "demo in inference: nothing is broken; engine cannot be told"),
        ([HOLDS, BROKEN, AFTER], "demo in inference: broken at target: no target for pod demo-1"),
        (
            [UNTOLD, BROKEN, AFTER],
            "demo in inference: broken at target (of the links before it, engine cannot be told): no target for pod demo-1",
        ),
        ([], "demo in inference: not applied yet"),
    ],
)
def test_a_loop_is_summed_up_in_a_sentence(links: list[Link], said: str) -> None:
    assert summary(loop(*links)) == said


def test_every_link_has_a_line_and_what_to_do_stands_below_it() -> None:
    told = [line.plain.split() for line in lines(loop(HOLDS, BROKEN, AFTER))]
    assert told == [
        ["holds", "pods", "1", "of", "1", "pods", "are", "ready"],
        ["broken", "target", "no", "target", "for", "pod", "demo-1", "(2", "s", "ago)"],
        ["→", "see", "the", "relabelings"],
        ["not", "reached", "rule", "the", "recording", "rules", "are", "loaded", "and", "evaluated"],
    ]


def test_a_program_is_told_the_same() -> None:
    told = as_json(loop(HOLDS, BROKEN, AFTER))
    assert (told["broken"], told["applied"], [link["verdict"] for link in told["links"]]) == (
        "target",
        True,
        ["holds", "broken", "not reached"],
    )
    assert told["links"][1] == {
        "name": "target",
        "what": "Prometheus reads every pod",
        "verdict": "broken",
        "measured": "no target for pod demo-1",
        "secondsOld": 2.04,
        "fix": "see the relabelings",
    }
    assert json.dumps(told)
