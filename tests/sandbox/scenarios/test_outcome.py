from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.sandbox.scenarios import definition, outcome
from headroom.sandbox.scenarios.reaction import waits
from headroom.settings.platform import Monitoring
from tests.sandbox.scenarios.recordings import CLOSED, recording, sample

WAITS = waits(Monitoring.model_validate({"scrapeInterval": "1s", "window": "10s"}), sandbox=True)


@pytest.fixture
def loop() -> definition.Scenario:
    return definition.read("loop")


def test_a_loop_that_closed_passes_with_its_reaction_beside_the_periods(loop: definition.Scenario) -> None:
    result = outcome.outcome(loop, CLOSED, WAITS)
    assert (result.passed, result.reaction_seconds, result.configured_seconds) == (True, 2.5, 4)


def test_a_loop_that_did_not_close_fails(loop: definition.Scenario) -> None:
    assert not outcome.outcome(loop, recording(sample(1), sample(40)), WAITS).passed


def test_the_text_says_which_expectation_was_not_met_and_why(loop: definition.Scenario) -> None:
    shown = outcome.text(outcome.outcome(loop, recording(sample(1), sample(2, 3), sample(3)), WAITS))
    assert "NOT MET  rose-to-max: 3 of at most 4 replicas were ready" in shown


def test_the_text_repeats_what_the_autoscaler_says_of_itself(loop: definition.Scenario) -> None:
    blind = replace(recording(sample(1, seen=None)), complaint="FailedGetObjectMetric: no such metric")
    assert "The autoscaler says: FailedGetObjectMetric: no such metric" in outcome.text(outcome.outcome(loop, blind, WAITS))


def test_of_a_failed_scenario_the_text_tells_what_the_cluster_warned_of(loop: definition.Scenario) -> None:
    warned = replace(recording(sample(1)), warnings=("12:00:00 Pod demo: Unhealthy: no answer",))
    assert "  12:00:00 Pod demo: Unhealthy: no answer" in outcome.text(outcome.outcome(loop, warned, WAITS))


def test_of_one_that_passed_only_the_report_tells_it(loop: definition.Scenario) -> None:
    warned = replace(CLOSED, warnings=("12:00:00 Pod demo: Unhealthy: no answer",))
    result = outcome.outcome(loop, warned, WAITS)
    assert "Unhealthy" not in outcome.text(result)
    assert "* 12:00:00 Pod demo: Unhealthy: no answer" in outcome.markdown(warned, result)


def test_the_report_holds_phases_and_changes(loop: definition.Scenario) -> None:
    page = outcome.markdown(CLOSED, outcome.outcome(loop, CLOSED, WAITS))
    assert "| load | 16 | 10.0 s | 40.0 s | at-max: came |" in page
    assert "* 12.5 s: 1 → 2" in page
