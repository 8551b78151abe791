"""Values as manifests write them, and the value that is neither true nor false."""

from __future__ import annotations

from decimal import Decimal

import pytest

from headroom.wiring.selectors import LabelSelector, Requirement, both, either
from headroom.wiring.values import Unknown, duration, quantity

HOLE = Unknown("known later")


@pytest.mark.parametrize(
    ("text", "value"), [("500m", "0.5"), ("2", "2"), ("0.5", "0.5"), ("50k", "50000"), ("1Ki", "1024"), ("1e3", "1000"), ("100u", "0.0001")]
)
def test_a_quantity(text: str, value: str) -> None:
    assert quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "many", "5 m", "1KB", "60%"])
def test_what_is_no_quantity(text: str) -> None:
    assert quantity(text) is None


@pytest.mark.parametrize(("text", "seconds"), [("15s", 15), ("1m30s", 90), ("500ms", 0.5), ("1h", 3600)])
def test_a_duration(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "s", "1m 30s", "-5s"])
def test_what_is_no_duration(text: str) -> None:
    assert duration(text) is None


def test_an_unknown_refuses_to_be_a_condition() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(HOLE)


def test_all_of_them_is_false_before_it_is_unknown() -> None:
    assert both([True, HOLE, False]) is False
    assert both([True, HOLE]) is HOLE
    assert both([]) is True


def test_one_of_them_is_true_before_it_is_unknown() -> None:
    assert either([False, HOLE, True]) is True
    assert either([False, HOLE]) is HOLE
    assert either([]) is False


@pytest.mark.parametrize(
    ("requirement", "labels", "matches"),
    [
        (Requirement("a", "In", ("x",)), {"a": "x"}, True),
        (Requirement("a", "In", ("x",)), {"a": "y"}, False),
        (Requirement("a", "In", ("x",)), {}, False),
        (Requirement("a", "In", ("x",)), {"a": HOLE}, HOLE),
        (Requirement("a", "In", (HOLE, "x")), {"a": "y"}, HOLE),
        (Requirement("a", "In", (HOLE, "x")), {"a": "x"}, True),
        (Requirement("a", "NotIn", ("x",)), {}, True),
        (Requirement("a", "NotIn", ("x",)), {"a": "x"}, False),
        (Requirement("a", "Exists"), {"a": HOLE}, True),
        (Requirement("a", "DoesNotExist"), {"a": "x"}, False),
        (Requirement("a", "In", ("x",)), HOLE, HOLE),
    ],
)
def test_a_requirement_on_labels(requirement: Requirement, labels: object, matches: object) -> None:
    assert requirement.matches(labels) == matches  # pyright: ignore[reportArgumentType]


def test_an_empty_selector_selects_everything() -> None:
    assert LabelSelector().matches({}) is True
