"""What differs between two inputs, and that no secret is in it."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.report.changes.values import ABSENT, SECRET, Difference, differences, named, presentable
from tests.report.sample import BLINDED
from tests.report.sample import SECRET as TOKEN

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_elements_of_a_list_are_told_by_their_names_and_not_by_their_places() -> None:
    before: dict[str, Any] = {"env": [{"name": "A", "value": "1"}]}
    after = {"env": [{"name": "NEW", "value": "0"}, {"name": "A", "value": "2"}]}
    assert differences(before, after) == (
        Difference("env[NEW]", ABSENT, {"name": "NEW", "value": "0"}),
        Difference("env[A].value", "1", "2"),
    )


def test_a_list_whose_elements_have_one_name_twice_is_told_as_a_whole() -> None:
    before, after = {"m": [{"type": "Object", "v": 1}, {"type": "Object", "v": 2}]}, {"m": [{"type": "Object", "v": 3}]}
    assert [entry.path for entry in differences(before, after)] == ["m"]


def test_the_order_of_named_elements_is_no_difference() -> None:
    one, two = {"name": "a"}, {"name": "b"}
    assert differences({"x": [one, two]}, {"x": [two, one]}) == ()


def test_a_key_that_needs_quotes_has_them() -> None:
    assert differences({"labels": {}}, {"labels": {"a.b/c": "d"}})[0].path == 'labels["a.b/c"]'


@pytest.mark.parametrize(("before", "after"), [(BLINDED, "plain"), ("plain", BLINDED), ("[secret]", "plain")])
def test_a_value_that_was_or_becomes_secret_is_shown_on_neither_side(before: object, after: object) -> None:
    assert differences({"value": before}, {"value": after}) == (Difference("value", SECRET, SECRET),)


def test_the_content_of_a_secret_is_not_shown_whatever_it_looks_like() -> None:
    old, new = ({"kind": "Secret", "stringData": {"a": value}} for value in ("plain-one", "plain-two"))
    assert presentable(new)["stringData"] == {"a": SECRET}
    assert differences(old, new) == ()


def test_what_looks_like_a_secret_is_not_shown() -> None:
    shown = str(differences({"env": []}, {"env": [{"name": "X", "value": TOKEN}]}))
    assert TOKEN not in shown
    assert "[redacted]" in shown


def test_what_is_known_after_the_update_is_called_computed() -> None:
    assert presentable({"host": f"http://{UNKNOWN}:80", "id": UNKNOWN}) == {"host": "http://(computed):80", "id": "(computed)"}


def test_what_the_server_and_the_engine_keep_for_themselves_is_no_difference() -> None:
    before = {"metadata": {"resourceVersion": "1", "managedFields": [], "name": "a"}, "__defaults": []}
    assert differences(before, {"metadata": {"resourceVersion": "2", "name": "a"}, "__defaults": ["x"]}) == ()


def test_whole_numbers_of_the_engine_are_whole() -> None:
    assert differences({"replicas": 3.0}, {"replicas": 3}) == ()


def test_a_path_of_the_engine_gets_the_names_of_elements() -> None:
    body = {"spec": {"containers": [{"name": "vllm", "image": "x"}]}}
    assert named('spec.containers[0].labels["a.b/c"]', body) == 'spec.containers[vllm].labels["a.b/c"]'
