"""A running pod's resources change in place, or a condition says why not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from headroom.sandbox.kubelet import status
from headroom.sandbox.kubelet.resizing import Resizing, Room
from headroom.sandbox.kubelet.status import Container, Observed, pod_status

GI = Decimal(2**30)
ROOM = Room({"memory": 8 * GI, "cpu": Decimal(4)}, {"memory": 4 * GI, "cpu": Decimal(1)})


def resources(memory: str, cpu: str = "1") -> dict[str, Any]:
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def pod(memory: str, cpu: str = "1") -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "main", "resources": resources(memory, cpu)}, {"name": "other"}]}}


def shown(resizing: Resizing, before: tuple[dict[str, Any], ...] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
    """Status of `main`, and the resize's conditions by type."""
    containers = [Container(name, "image", state=status.running(100), ready=True) for name in ("main", "other")]
    told = pod_status({"containers": [{"name": "main"}]}, Observed(containers, resizing=resizing), before, 200)
    return told["containerStatuses"][0], {entry["type"]: entry for entry in told["conditions"] if "Resize" in entry["type"]}


def test_what_fits_is_allocated_first_and_then_so() -> None:
    resizing = Resizing.of(pod("2Gi"))
    resizing.step(pod("4Gi"), ROOM)
    main, conditions = shown(resizing)
    assert (main["allocatedResources"]["memory"], main["resources"]["limits"]["memory"], list(conditions)) == (
        "4Gi",
        "2Gi",
        ["PodResizeInProgress"],
    )
    resizing.step(pod("4Gi"), ROOM)
    main, conditions = shown(resizing)
    assert (main["resources"], conditions) == (resources("4Gi"), {})


@pytest.mark.parametrize(
    ("memory", "cpu", "reason", "message"),
    [
        ("5Gi", "1", "Deferred", f"Node didn't have enough resource: memory, requested: {5 * GI}, used: {4 * GI}, capacity: {8 * GI}"),
        ("9Gi", "1", "Infeasible", f"Node didn't have enough capacity: memory, requested: {9 * GI}, capacity: {8 * GI}"),
        ("2Gi", "3500m", "Deferred", "Node didn't have enough resource: cpu, requested: 3500, used: 1000, capacity: 4000"),
    ],
)
def test_what_does_not_fit_leaves_the_pod_as_it_is_and_says_why(memory: str, cpu: str, reason: str, message: str) -> None:
    resizing = Resizing.of(pod("2Gi"))
    resizing.step(pod(memory, cpu), ROOM)
    main, conditions = shown(resizing)
    assert main["resources"] == resources("2Gi")
    assert (conditions["PodResizePending"]["reason"], conditions["PodResizePending"]["message"]) == (reason, message)


def test_a_deferred_resize_is_granted_when_there_is_room() -> None:
    resizing = Resizing.of(pod("2Gi"))
    resizing.step(pod("5Gi"), ROOM)
    resizing.step(pod("5Gi"), Room(ROOM.capacity, {}))
    assert (resizing.refused, resizing.under_way) == (None, True)


def test_a_refused_resize_that_is_taken_back_is_over() -> None:
    resizing = Resizing.of(pod("2Gi"))
    resizing.step(pod("9Gi"), ROOM)
    resizing.step(pod("2Gi"), ROOM)
    pending = {"type": "PodResizePending", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    assert shown(resizing, (pending,))[1] == {"PodResizePending": {"type": "PodResizePending", "$patch": "delete"}}


def test_what_a_pod_has_is_read_from_its_status_where_that_tells_it() -> None:
    known = {**pod("5Gi"), "status": {"containerStatuses": [{"name": "main", "resources": resources("2Gi")}]}}
    assert Resizing.of(known).asked(known)
    assert not Resizing.of(pod("5Gi")).asked(pod("5Gi"))


def test_the_same_amount_in_other_words_is_no_resize() -> None:
    assert not Resizing.of(pod("2Gi")).asked(pod(str(2**31)))
