from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.awaiting.objects import label_selector
from headroom.plugins.kubernetes.client import Object


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, ""),
        ({"matchLabels": {"app": "x", "tier": "y"}}, "app=x,tier=y"),
        ({"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "In", "values": ["3", "2"]}]}, "a=1,b in (2,3)"),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["2"]}]}, "b notin (2)"),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}, {"key": "c", "operator": "DoesNotExist"}]}, "b,!c"),
    ],
)
def test_a_label_selector_as_text(selector: Object, expected: str) -> None:
    assert label_selector(selector) == expected
