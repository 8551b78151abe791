from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.awaiting import timeout_of
from headroom.plugins.kubernetes.awaiting.annotations import skips_await
from tests.plugins.kubernetes.awaiting.states import obj


@pytest.mark.parametrize(
    ("annotation", "custom", "expected"),
    [
        pytest.param(None, None, 600, id="neither"),
        pytest.param(None, 8, 8, id="resource option"),
        pytest.param("6", None, 6, id="annotation"),
        pytest.param("6", 8, 8, id="the resource option wins"),
        pytest.param("6", 0, 6, id="a resource option of 0 is none"),
        pytest.param("abc", None, 600, id="no number"),
        pytest.param("1.5", None, 600, id="no integer"),
    ],
)
def test_timeout(annotation: str | None, custom: float | None, expected: float) -> None:
    inputs = obj("v1", "Pod", "p", annotations={"pulumi.com/timeoutSeconds": annotation} if annotation else {})
    assert timeout_of(inputs, custom) == expected


def test_inputs_without_metadata_have_no_annotations() -> None:
    assert timeout_of({"kind": "Pod"}, None) == 600


@pytest.mark.parametrize(("value", "skips"), [("true", True), ("false", False), ("", False), ("yes", False)])
def test_skip_await_is_true_only_when_it_says_so(value: str, skips: bool) -> None:
    assert skips_await(obj("v1", "Pod", "p", annotations={"pulumi.com/skipAwait": value})) is skips
