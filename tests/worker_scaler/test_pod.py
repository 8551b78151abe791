"""How the worker scaler understands its pod."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import certifi
import pytest

from headroom.worker_scaler.decision import Resize
from headroom.worker_scaler.pod import Failed, Memory, Pod, bytes_of, change, memory

MI = 2**20


def pod(conditions: list[dict[str, str]], given: str | None = "100Mi") -> dict[str, Any]:
    told = {"name": "torchserve", **({"resources": {"requests": {"memory": given}}} if given else {})}
    spec = {"containers": [{"name": "torchserve", "resources": {"requests": {"memory": "200Mi"}}}]}
    return {"spec": spec, "status": {"containerStatuses": [told], "conditions": conditions}}


@pytest.mark.parametrize(
    ("conditions", "resize"),
    [
        ([], Resize.DONE),
        ([{"type": "PodResizeInProgress", "status": "True"}], Resize.IN_PROGRESS),
        ([{"type": "PodResizePending", "status": "True", "reason": "Deferred"}], Resize.DEFERRED),
        ([{"type": "PodResizePending", "status": "True", "reason": "Infeasible"}], Resize.INFEASIBLE),
        ([{"type": "PodResizePending", "status": "False", "reason": "Deferred"}], Resize.DONE),
    ],
)
def test_a_resize_is_as_far_as_the_pods_conditions_say(conditions: list[dict[str, str]], resize: Resize) -> None:
    assert memory(pod(conditions), "torchserve") == Memory(200 * MI, 100 * MI, resize)


def test_a_kubelet_that_tells_no_resources_gives_what_is_wanted() -> None:
    assert memory(pod([], None), "torchserve").given == 200 * MI


def test_request_and_limit_change_together() -> None:
    (container,) = change("torchserve", 5)["spec"]["containers"]
    assert container["resources"] == {"requests": {"memory": "5"}, "limits": {"memory": "5"}}


@pytest.mark.parametrize(("text", "size"), [("2Gi", 2**31), ("500Mi", 500 * MI), ("1G", 10**9), ("1048576", MI), ("1.5Gi", 3 * 2**29)])
def test_quantities(text: str, size: int) -> None:
    assert bytes_of(text) == size


def test_what_is_no_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="write 2Gi or 500Mi"):
        bytes_of("2 gigabytes")


def test_a_token_that_is_not_there_yet_fails_one_step(tmp_path: Path) -> None:
    shutil.copy(certifi.where(), tmp_path / "ca.crt")
    with pytest.raises(Failed, match="token"):
        Pod("https://127.0.0.1:1", tmp_path, "inference", "tiny", "torchserve").memory()
