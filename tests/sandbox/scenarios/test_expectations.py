from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.sandbox.scenarios.expectations import Expectation, Judgement, judge
from headroom.sandbox.scenarios.recording import Change, Recording, Stage
from tests.sandbox.scenarios.recordings import CLOSED, recording, sample


def judged(expectation: Expectation, seen: Recording) -> Judgement:
    return judge(seen, [expectation])[0]


@pytest.mark.parametrize("expectation", list(Expectation))
def test_a_loop_that_closed_meets_every_expectation(expectation: Expectation) -> None:
    assert judged(expectation, CLOSED).met


@pytest.mark.parametrize("expectation", list(Expectation))
def test_a_recording_of_nothing_meets_no_expectation(expectation: Expectation) -> None:
    assert not judged(expectation, recording()).met


def test_replicas_that_stop_below_the_maximum_did_not_rise() -> None:
    found = judged(Expectation.ROSE_TO_MAX, recording(sample(1, 1), sample(2, 3), sample(3, 1)))
    assert (found.met, found.why) == (False, "3 of at most 4 replicas were ready")


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        (Expectation.ROSE_TO_MAX, "1 of at most 4 replicas was ready"),
        (Expectation.ROSE, "1 replica was ready at most, the minimum is 1"),
        (Expectation.FELL_TO_MIN, "1 replica was ready all the time: there was no way to fall"),
    ],
)
def test_one_replica_is_told_of_as_one(expectation: Expectation, said: str) -> None:
    assert judged(expectation, recording(sample(1, 1), sample(2, 1))).why == said


def test_replicas_that_were_at_the_maximum_all_the_time_did_not_rise() -> None:
    assert not judged(Expectation.ROSE_TO_MAX, recording(sample(1, 4), sample(2, 4))).met


def test_replicas_that_are_asked_for_and_never_ready_did_not_rise() -> None:
    assert not judged(Expectation.ROSE_TO_MAX, recording(sample(1), sample(2, 1, desired=4), sample(3))).met


@pytest.mark.parametrize(("ready", "met"), [(2, False), (3, True), (4, False)])
def test_a_number_of_replicas_that_is_expected_is_met_by_no_other(ready: int, met: bool) -> None:
    (found,) = judge(recording(sample(1, 1), sample(2, ready)), [], peak=3)
    assert (found.met, found.why) == (met, f"{ready} replicas were ready at most, the peak is expected to be 3")


def test_replicas_that_stay_up_at_the_end_did_not_fall() -> None:
    found = judged(Expectation.FELL_TO_MIN, recording(sample(1, 1), sample(2, 4), sample(3, 2)))
    assert (found.met, found.why) == (False, "2 replicas were ready at the end, the minimum is 1")


def test_replicas_that_never_left_the_minimum_did_not_fall() -> None:
    assert not judged(Expectation.FELL_TO_MIN, recording(sample(1), sample(2))).met


def test_one_failed_request_is_one_too_many_and_its_reason_is_said() -> None:
    found = judged(Expectation.NO_FAILED_REQUESTS, recording(sample(1), sample(2, failed=1), failures={"HTTP 503": 1}))
    assert (found.met, found.why) == (False, "20 answered, 1 failed (1 × HTTP 503)")


def test_a_metric_that_the_autoscaler_did_not_know_for_a_second_is_blindness() -> None:
    found = judged(Expectation.NEVER_BLIND, recording(sample(1), sample(2, seen=None), sample(3)))
    assert (found.met, found.why) == (False, "the metric was unknown to the autoscaler in 1 of 3 samples, first at 2 s")


def test_a_new_autoscaler_that_does_not_know_its_metric_yet_is_not_blind() -> None:
    assert judged(Expectation.NEVER_BLIND, recording(sample(1, seen=None), sample(2))).met


def test_an_autoscaler_that_never_knew_its_metric_is_blind() -> None:
    assert not judged(Expectation.NEVER_BLIND, recording(sample(1, seen=None), sample(2, seen=None))).met


def test_a_phase_that_waited_in_vain_is_named_with_what_did_not_come() -> None:
    stage = Stage("load", 16, 10, 40, "at-max", False)
    assert judge(replace(CLOSED, stages=(stage,)), [])[0] == Judgement("phase load", False, "at-max did not come within 30 s")


def test_replicas_taken_away_and_added_again_under_the_same_load_have_flapped() -> None:
    changes = (Change(21.0, 1, 3), Change(25.0, 3, 2), Change(28.0, 2, 3))
    found = judged(Expectation.NEVER_FLAPPED, replace(CLOSED, changes=changes, stages=(Stage("load", 8, 20, 30),)))
    assert (found.met, found.why) == (False, "in phase load the count fell at 25 s and rose again at 28 s")


def test_two_phases_of_the_same_load_are_one() -> None:
    changes = (Change(29.0, 3, 2), Change(31.0, 2, 3))
    stages = (Stage("load", 8, 20, 30), Stage("hold", 8, 30, 40))
    assert not judged(Expectation.NEVER_FLAPPED, replace(CLOSED, changes=changes, stages=stages)).met


def test_replicas_added_again_when_the_load_comes_back_have_not_flapped() -> None:
    changes = (Change(25.0, 3, 2), Change(31.0, 2, 3))
    stages = (Stage("calm", 1, 20, 30), Stage("load", 8, 30, 40))
    assert judged(Expectation.NEVER_FLAPPED, replace(CLOSED, changes=changes, stages=stages)).met


def test_replicas_that_rose_below_the_maximum_rose() -> None:
    assert judged(Expectation.ROSE, recording(sample(1, 1), sample(2, 3))).met


def test_replicas_that_never_grew_within_did_not_grow() -> None:
    found = judged(Expectation.GREW_INSIDE, recording(sample(1), sample(2, inside=None)))
    assert (found.met, found.why) == (False, "workers: 1 at most, 1 at rest")


def test_replicas_that_are_still_grown_at_the_end_did_not_shrink() -> None:
    found = judged(Expectation.SHRANK_INSIDE, recording(sample(1), sample(2, inside=3), sample(3, inside=2)))
    assert (found.met, found.why) == (False, "workers: 2 at the end, 1 at rest")


def test_replicas_that_never_grew_within_had_no_way_to_shrink() -> None:
    assert not judged(Expectation.SHRANK_INSIDE, recording(sample(1), sample(2))).met
