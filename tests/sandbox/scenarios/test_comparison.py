"""A corrected server and a published recipe are measured alike, on the trace alone."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from headroom.sandbox.scenarios import outcome
from headroom.sandbox.scenarios.comparison import figures, rows, trace
from headroom.sandbox.scenarios.definition import Scenario
from headroom.sandbox.scenarios.recording import Change, Recording, Stage
from headroom.sandbox.scenarios.trace import SETTLING_SECONDS, replayed
from tests.sandbox.scenarios.recordings import SUBJECT, sample

SETTLE, LOAD = Stage("settle", 1, 0, 10, "settled", True), Stage("load", 8, 10, 14)
RECORDING = Recording(
    scenario="loop",
    begun="2026-01-01T00:00:00+00:00",
    subject=SUBJECT,
    stages=(SETTLE, LOAD),
    samples=(
        sample(9, latency=9.0),
        sample(11, replicas=1, latency=3.0),
        sample(12, replicas=1, latency=0.5, failed=1),
        sample(13, replicas=3, latency=0.5, seen=None),
    ),
    changes=(Change(12.5, 1, 3),),
    failures={},
    complaint=None,
)
SCENARIO = Scenario.model_validate(
    {"sentence": "x", "phases": [{"name": "settle", "level": 1, "seconds": 99, "until": "settled"}], "expects": ["never-blind"]}
)


def test_what_happens_while_a_server_settles_counts_for_nobody() -> None:
    assert figures(RECORDING, "load", 2.0).missed_seconds == 2


def test_a_second_with_a_failed_request_has_missed_the_target() -> None:
    assert figures(RECORDING, "load", 5.0).missed_seconds == 1


def test_a_second_without_an_answer_counts_as_the_one_before() -> None:
    slow, silent = sample(11, latency=3.0), sample(12, latency=None)
    assert figures(replace(RECORDING, samples=(slow, silent, silent)), "load", 2.0).missed_seconds == 3


def test_replica_hours_are_what_was_ready_over_time() -> None:
    assert figures(RECORDING, "load", None).replica_hours == (1 * 1 + 1 * 1) / 3600


def test_reaction_is_counted_from_the_load_step() -> None:
    assert figures(RECORDING, "load", None).reaction_seconds == 2.5


def test_an_autoscaler_that_never_reacted_has_no_reaction_time() -> None:
    assert figures(replace(RECORDING, changes=()), "load", None).reaction_seconds is None


def test_a_blind_second_is_counted() -> None:
    assert figures(RECORDING, "load", None).blind_seconds == 1


def test_the_trace_is_the_play_as_it_was_and_waits_for_nothing(tmp_path: Path) -> None:
    outcome.write(tmp_path / "run", RECORDING, outcome.outcome(SCENARIO, RECORDING, ()))
    phases = replayed(SCENARIO, tmp_path / "run").phases
    assert [(phase.name, phase.level, phase.seconds, phase.until) for phase in phases] == [
        ("settle", 1, SETTLING_SECONDS, None),
        ("load", 8, 4.0, None),
    ]


def test_a_play_is_read_as_it_was_written(tmp_path: Path) -> None:
    outcome.write(tmp_path / "run", RECORDING, outcome.outcome(SCENARIO, RECORDING, ()))
    assert asdict(outcome.read(tmp_path / "run")) == asdict(RECORDING)


def test_plays_are_laid_over_each_other_from_where_the_trace_begins() -> None:
    assert [sample.seconds for sample in trace(RECORDING)] == [1, 2, 3]


def _reactions(recording: Recording) -> str:
    measured = figures(recording, "load", None)
    return rows(measured, measured)[0][1]


def test_an_autoscaler_that_had_every_replica_before_the_load_came_is_told_from_one_that_never_reacted() -> None:
    at_its_most = replace(RECORDING, samples=(sample(9, 4), sample(11, 4)), changes=())
    assert (_reactions(at_its_most), _reactions(replace(RECORDING, changes=()))) == ("had them all before", "never")


def test_what_grows_within_replicas_has_a_line_only_where_it_is_watched() -> None:
    nothing = replace(figures(RECORDING, "load", None), inside=None)
    watched = replace(nothing, inside=3)
    assert [row for row in rows(watched, nothing) if row not in rows(nothing, nothing)] == [("the most within a replica", "3", "unknown")]
