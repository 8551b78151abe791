from __future__ import annotations

from typing import Any

import httpx
import pytest

from headroom.sandbox.scenarios.prometheus import value


def answer(*values: str) -> dict[str, Any]:
    return {"data": {"result": [{"metric": {}, "value": [1, text]} for text in values]}}


def test_an_expression_with_one_element_has_its_value() -> None:
    assert value(lambda _: answer("0.25"), "up") == 0.25


@pytest.mark.parametrize("answered", [answer(), answer("1", "2"), {}, {"data": None}])
def test_anything_but_one_element_is_no_value(answered: dict[str, Any]) -> None:
    assert value(lambda _: answered, "up") is None


def test_a_prometheus_that_does_not_answer_gives_no_value() -> None:
    def refuse(path: str) -> Any:
        raise httpx.ConnectError("refused")

    assert value(refuse, "up") is None


def test_the_expression_is_quoted_in_the_question() -> None:
    asked: list[str] = []
    value(lambda path: asked.append(path) or answer("1"), 'a{b="c"}')
    assert asked == ["/api/v1/query?query=a%7Bb%3D%22c%22%7D"]
