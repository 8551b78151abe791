from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.awaiting.rules.storage import CLAIM, VOLUME, assess_claim, assess_volume
from headroom.plugins.kubernetes.awaiting.verdict import Done, Observed, Rule, Waiting
from tests.plugins.kubernetes.awaiting.states import obj


@pytest.mark.parametrize(
    ("phase", "mode", "expected"),
    [
        ("Pending", "Immediate", Waiting),
        ("Bound", "Immediate", Done),
        ("Pending", "WaitForFirstConsumer", Done),
        ("Bound", "WaitForFirstConsumer", Done),
        ("", "WaitForFirstConsumer", Waiting),
    ],
)
def test_a_claim_is_bound_unless_its_class_binds_for_the_first_consumer(phase: str, mode: str, expected: type) -> None:
    storage_class = {"volumeBindingMode": mode}
    live = obj("v1", "PersistentVolumeClaim", "c", status={"phase": phase})
    assert isinstance(assess_claim(Observed(live, {"StorageClass": [storage_class]})), expected)


@pytest.mark.parametrize(("phase", "expected"), [("Pending", Waiting), ("Available", Done), ("Bound", Done), ("Failed", Waiting)])
def test_a_volume_is_available_or_bound(phase: str, expected: type) -> None:
    assert isinstance(assess_volume(Observed(obj("v1", "PersistentVolume", "v", status={"phase": phase}))), expected)


@pytest.mark.parametrize("rule", [CLAIM, VOLUME])
def test_the_time_for_storage_is_fixed(rule: Rule) -> None:
    assert rule.timeout == 300
