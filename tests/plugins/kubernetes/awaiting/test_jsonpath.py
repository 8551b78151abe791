from __future__ import annotations

from typing import Any

import pytest

from headroom.plugins.kubernetes.awaiting.jsonpath import BadPath, parse

DOCUMENT: dict[str, Any] = {
    "a": {"b": [10, 20, 30], "c-d": "dashed", "none": None},
    "conditions": [
        {"type": "Ready", "status": "False", "n": 1},
        {"type": "Complete", "status": "True", "n": 2, "old": True},
    ],
    "wanted": "Complete",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", [DOCUMENT]),
        ("$.a.b[0]", [10]),
        ("$.a.b[-1]", [30]),
        ("$.a.b[5]", []),
        ("$.a.b[1:]", [20, 30]),
        ("$.a.b[0,2]", [10, 30]),
        ("$.a.b[*]", [10, 20, 30]),
        ("$.a['c-d']", ["dashed"]),
        ('$["a"]["c-d"]', ["dashed"]),
        ("$.a.none", [None]),
        ("$.a.missing.deeper", []),
        ("$..status", ["False", "True"]),
        ("$.conditions.*.n", [1, 2]),
        ('$.conditions[?(@.type=="Ready")].status', ["False"]),
        ("$.conditions[?@.type == 'Failed' || @.type == 'Complete'].status", ["True"]),
        ("$.conditions[?(@.old)].type", ["Complete"]),
        ("$.conditions[?(!@.old && @.n < 2)].type", ["Ready"]),
        ("$.conditions[?@.type == $.wanted].n", [2]),
        ("$.conditions[?@.missing == @.absent].n", [1, 2]),
        ("$.conditions[?@.n == 1.0].n", [1]),
        ("$.conditions[?@.n == true].n", []),
        ("$.conditions[?@.n >= 2 || @.status != 'True'].n", [1, 2]),
    ],
)
def test_a_path_selects(path: str, expected: list[Any]) -> None:
    assert parse(path)(DOCUMENT) == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.a[]", "unexpected ']' at position 5"),
        ("$.a-b", "unexpected '-' at position 4"),
        ("$.a[0", "unexpected end"),
        ("a", "unexpected 'a' at position 1"),
        ("$.a[?length(@.b) > 1]", "unexpected 'length'"),
        ("$.a[?(@.b == )]", "unexpected ')'"),
    ],
)
def test_a_bad_path_is_refused_with_its_place(path: str, message: str) -> None:
    with pytest.raises(BadPath) as refused:
        parse(path)
    assert message in str(refused.value)
