"""Relabeling does what Prometheus does, and says where that cannot be told."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.wiring.document import Cursor, Document
from headroom.wiring.readers.parts.relabeling import relabelings
from headroom.wiring.relabeling import Relabelled, relabelled
from headroom.wiring.values import Unknown

HOLE = Unknown("later")
LABELS = {"__name__": "nv_x", "pod": "a-1", "model": HOLE}


def after(*rules: dict[str, Any]) -> Relabelled:
    return relabelled(LABELS, relabelings(Cursor(Document({}), list(rules))), lambda _: "")


@pytest.mark.parametrize(
    ("rule", "server"),
    [
        ({"sourceLabels": ["pod"], "targetLabel": "server"}, "a-1"),
        ({"sourceLabels": ["pod"], "regex": "(.*)-1", "targetLabel": "server"}, "a"),
        ({"sourceLabels": ["pod"], "regex": "b-.*", "targetLabel": "server"}, None),
        ({"sourceLabels": ["pod", "__name__"], "separator": "/", "targetLabel": "server"}, "a-1/nv_x"),
        ({"sourceLabels": ["nothing"], "targetLabel": "server"}, ""),
        ({"targetLabel": "server", "replacement": "c"}, "c"),
        ({"sourceLabels": ["model"], "targetLabel": "server", "replacement": "c"}, "c"),
        ({"sourceLabels": ["model"], "targetLabel": "server"}, HOLE),
    ],
)
def test_a_label_is_written(rule: dict[str, Any], server: str | Unknown | None) -> None:
    assert after(rule).labels.get("server") == server


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ({"action": "keep", "sourceLabels": ["pod"], "regex": "a-.*"}, True),
        ({"action": "Keep", "sourceLabels": ["pod"], "regex": "b-.*"}, False),
        ({"action": "drop", "sourceLabels": ["pod"], "regex": "a"}, True),
        ({"action": "drop", "sourceLabels": ["model"], "regex": ".*"}, False),
        ({"action": "labeldrop", "regex": "__name__"}, False),
        ({"action": "labelkeep", "regex": "__name__"}, True),
        ({"sourceLabels": ["__name__"], "regex": "nv_(.*)", "targetLabel": "__name__", "replacement": "t_$1"}, False),
    ],
)
def test_what_is_kept_and_what_is_not(rule: dict[str, Any], kept: bool) -> None:
    assert after(rule).kept is kept


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "keep", "sourceLabels": ["model"], "regex": "m"},
        {"action": "drop", "sourceLabels": ["pod"], "regex": "(?<x"},
        {"action": HOLE, "sourceLabels": ["pod"]},
    ],
)
def test_what_cannot_be_told_is_unknown(rule: dict[str, Any]) -> None:
    assert isinstance(after(rule).kept, Unknown)


def test_a_label_that_is_dropped_is_not_there() -> None:
    assert after({"action": "labeldrop", "regex": "p.d"}).names == {"model"}


def test_a_later_drop_is_certain_whatever_was_open_before() -> None:
    open_before = {"action": "keep", "sourceLabels": ["model"], "regex": "m"}
    assert after(open_before, {"action": "drop", "sourceLabels": ["pod"], "regex": "a-1"}).kept is False
