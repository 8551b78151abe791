from __future__ import annotations

from headroom.sandbox.scenarios.conditions import Condition, holds
from tests.sandbox.scenarios.recordings import SUBJECT, sample


def test_at_max_when_the_maximum_is_asked_for_and_serves() -> None:
    assert holds(Condition.AT_MAX, sample(1, 4), SUBJECT)


def test_not_at_max_while_one_is_still_starting() -> None:
    assert not holds(Condition.AT_MAX, sample(1, 4, ready=3), SUBJECT)


def test_settled_when_the_minimum_is_asked_for_and_alone() -> None:
    assert holds(Condition.SETTLED, sample(1, 1), SUBJECT)


def test_not_settled_while_one_that_was_taken_away_still_drains() -> None:
    assert not holds(Condition.SETTLED, sample(1, 1, pods={"Running": 1, "Terminating": 1}), SUBJECT)


def test_not_settled_while_the_autoscaler_is_blind() -> None:
    assert not holds(Condition.SETTLED, sample(1, 1, seen=None), SUBJECT)


def test_what_cannot_be_seen_is_neither() -> None:
    assert not any(holds(condition, sample(1, None, inside=None), SUBJECT) for condition in Condition)


def test_shrunk_when_replicas_are_within_as_they_are_at_rest() -> None:
    assert [holds(Condition.SHRUNK, sample(1, inside=value), SUBJECT) for value in (1, 2)] == [True, False]
