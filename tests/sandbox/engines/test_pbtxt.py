"""The text form of a protocol buffer, as people write it in config.pbtxt."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.sandbox.engines.pbtxt import Malformed, parse


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name: "sleeper"', {"name": ["sleeper"]}),
        ("max_batch_size: 8  # comment", {"max_batch_size": [8]}),
        ("a: true, b: -1.5; c: KIND_CPU", {"a": [True], "b": [-1.5], "c": ["KIND_CPU"]}),
        ("a: True b: False", {"a": [True], "b": [False]}),
        ("dims: [ 1, -1 ]", {"dims": [1, -1]}),
        ("dims: 1 dims: 2", {"dims": [1, 2]}),
        ("group [ { count: 1 }, { count: 2 } ]", {"group": [{"count": [1]}, {"count": [2]}]}),
        ("group { count: 1 } group < count: 2 >", {"group": [{"count": [1]}, {"count": [2]}]}),
        ("dynamic_batching { }", {"dynamic_batching": [{}]}),
        (r'a: "say \"x\"" b: ' + "'y'", {"a": ['say "x"'], "b": ["y"]}),
        ("", {}),
    ],
)
def test_fields_are_lists_of_values(text: str, message: dict[str, Any]) -> None:
    assert parse(text) == message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a {", "ends without '}'"),
        ("\na: }", "line 2"),
        ("a:", "ends in the middle"),
        ("{", "field's name was expected"),
        ('a: @\x00"', "line 1"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        parse(text)
