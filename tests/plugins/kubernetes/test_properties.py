from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as some

from headroom.plugins.kubernetes.properties import (
    UNKNOWN,
    UNKNOWN_STRING,
    Secret,
    decode,
    encode,
    has_secret,
    has_unknown,
    mark_secrets,
    plain,
)

scalars = some.none() | some.booleans() | some.integers(-(2**52), 2**52) | some.text(max_size=5) | some.just(UNKNOWN)
values = some.recursive(
    scalars,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3) | some.builds(Secret, inner),
    max_leaves=10,
)


@given(some.dictionaries(some.text(max_size=5), values, max_size=3))
def test_what_is_encoded_is_decoded_again(properties: dict[str, Any]) -> None:
    assert decode(encode(properties)) == properties


def test_whole_numbers_are_integers() -> None:
    struct = struct_pb2.Struct()
    struct.update({"replicas": 1.0, "ratio": 0.5})
    assert decode(struct) == {"replicas": 1, "ratio": 0.5}
    assert isinstance(decode(struct)["replicas"], int)


def test_the_engines_sign_for_an_unknown_value_is_recognised() -> None:
    struct = struct_pb2.Struct()
    struct.update({"name": UNKNOWN_STRING})
    assert decode(struct)["name"] is UNKNOWN


def test_an_unknown_value_is_found_inside_a_secret_in_a_list() -> None:
    assert has_unknown({"env": [{"value": Secret(UNKNOWN)}]})


def test_plain_values_hold_no_secrets() -> None:
    assert not has_secret(plain({"a": [Secret({"b": Secret(1)})]}))


@pytest.mark.parametrize(
    ("like", "marked"),
    [
        ({"data": {"k": Secret("v")}}, {"data": {"k": Secret("v"), "plain": "z"}, "list": [{"value": 1}]}),
        ({"data": Secret({})}, {"data": Secret({"k": "v", "plain": "z"}), "list": [{"value": 1}]}),
        ({"list": [{"value": Secret(1)}]}, {"data": {"k": "v", "plain": "z"}, "list": Secret([{"value": 1}])}),
        ({"other": Secret(1)}, {"data": {"k": "v", "plain": "z"}, "list": [{"value": 1}]}),
    ],
    ids=["one key", "a whole map", "inside a list: the whole list", "a key that is not there"],
)
def test_secrets_are_marked_where_the_inputs_have_them(like: dict, marked: dict) -> None:
    assert mark_secrets({"data": {"k": "v", "plain": "z"}, "list": [{"value": 1}]}, like) == marked


def test_a_secret_does_not_print_its_value() -> None:
    assert "hunter2" not in repr({"password": Secret("hunter2")})
