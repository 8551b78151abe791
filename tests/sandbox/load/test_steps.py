from __future__ import annotations

import pytest

from headroom.sandbox.load.steps import Step, duration, parse


def test_steps_are_levels_and_durations_in_order() -> None:
    assert parse("1:10s, 10:500ms,0:1m") == (Step(1, 10), Step(10, 0.5), Step(0, 60))


def test_the_duration_of_a_load_is_the_sum_of_its_steps() -> None:
    assert duration(parse("1:10s,0:1m")) == 70


@pytest.mark.parametrize("text", ["", "10", "10:", ":10s", "ten:10s", "10:10", "1:10s,,2:10s", "10:soon"])
def test_what_is_no_step_is_named_with_the_form_of_one(text: str) -> None:
    with pytest.raises(ValueError, match="write LEVEL:DURATION"):
        parse(text)


@pytest.mark.parametrize("text", ["-1:10s", "1001:10s", "nan:10s", "inf:10s"])
def test_a_level_out_of_bounds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not between 0 and 1000"):
        parse(text)


def test_a_load_that_would_take_more_than_an_hour_is_refused() -> None:
    with pytest.raises(ValueError, match="ends within 3600 s"):
        parse("1:1h,1:1s")
