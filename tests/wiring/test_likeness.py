"""A slip is told from a name that is like another on purpose."""

from __future__ import annotations

import pytest

from headroom.wiring.likeness import slip_of


@pytest.mark.parametrize(("name", "meant"), [("parrots", "parrot"), ("parot", "parrot"), ("queue_time_secs", "queue_time_seconds")])
def test_a_slip(name: str, meant: str) -> None:
    assert slip_of(name, ["parrot", "queue_time_seconds"]) == meant


@pytest.mark.parametrize(
    ("name", "other"),
    [("llm-a", "llm-b"), ("gpt-1", "gpt-10"), ("a:queue:rate1m", "a:queue:rate5m"), ("llama-8b", "llama-70b"), ("x:gpu:avg", "x:gpu:max")],
)
def test_names_that_are_alike_on_purpose(name: str, other: str) -> None:
    assert slip_of(name, [other]) is None


def test_the_name_itself_is_no_slip() -> None:
    assert slip_of("parrot", ["parrot"]) is None
