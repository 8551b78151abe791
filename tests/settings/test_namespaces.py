"""Teams that share a cluster: quotas of GPUs, and whose replicas go first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.desired import Desired, render
from headroom.desired.objects import Object
from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed, problems

TEAM = "headroom:namespaces/speech"
IN_IT = (f"{DEMO}/namespace", "speech")

pytestmark = pytest.mark.proves("namespaces with a quota of GPUs and a priority for each team", Proof.SCHEMA)


def rendered(directory: Path, *changes: tuple[str, Any]) -> Desired:
    return render(accepted(directory, changed(*changes)))


def of_kind(desired: Desired, kind: str) -> list[Object]:
    return [item for item in desired.objects if item["kind"] == kind]


def test_a_quota_bounds_the_gpus_of_a_namespace(tmp_path: Path) -> None:
    (quota,) = of_kind(rendered(tmp_path, (TEAM, {"gpus": 5}), IN_IT), "ResourceQuota")
    assert quota["metadata"]["namespace"] == "speech"
    assert quota["spec"] == {"hard": {"requests.nvidia.com/gpu": "5"}}


def test_a_quota_bounds_every_form_in_which_the_stacks_gpus_are_counted(tmp_path: Path) -> None:
    shared = (
        "headroom:pools/parts",
        {"machine": "g6.12xlarge", "max": 1, "sharing": {"mode": "time-slicing", "replicas": 4, "renamed": True}},
    )
    (quota,) = of_kind(rendered(tmp_path, (TEAM, {"gpus": 5}), IN_IT, shared), "ResourceQuota")
    assert quota["spec"]["hard"] == {"requests.nvidia.com/gpu": "5", "requests.nvidia.com/gpu.shared": "5"}


def test_the_servers_of_a_namespace_are_in_its_priority_class(tmp_path: Path) -> None:
    desired = rendered(tmp_path, (TEAM, {"priority": 100}), IN_IT)
    (made,) = of_kind(desired, "PriorityClass")
    (workload,) = of_kind(desired, "Deployment")
    assert (made["metadata"]["name"], made["value"], made["globalDefault"]) == ("speech-servers", 100, False)
    assert workload["spec"]["template"]["spec"]["priorityClassName"] == "speech-servers"


def test_servers_elsewhere_name_no_class(tmp_path: Path) -> None:
    (workload,) = of_kind(rendered(tmp_path, (TEAM, {"priority": 100})), "Deployment")
    assert "priorityClassName" not in workload["spec"]["template"]["spec"]


def test_a_share_without_servers_is_made_for_the_stacks_that_bring_them(tmp_path: Path) -> None:
    assert "speech" in {item["metadata"]["name"] for item in rendered(tmp_path, (TEAM, {"gpus": 2})).namespaces}


def test_a_namespace_of_another_stack_is_used_and_not_made(tmp_path: Path) -> None:
    desired = rendered(tmp_path, (TEAM, {"gpus": 5, "priority": 100, "existing": True}), IN_IT)
    assert not of_kind(desired, "ResourceQuota")
    assert not of_kind(desired, "PriorityClass")
    assert [item["metadata"]["name"] for item in desired.namespaces] == ["inference"]
    (workload,) = of_kind(desired, "Deployment")
    assert workload["spec"]["template"]["spec"]["priorityClassName"] == "speech-servers"


def test_more_replicas_than_the_quota_admits_are_refused(tmp_path: Path) -> None:
    """4 replicas at most, and one more while they change."""
    message = problems(tmp_path, changed((TEAM, {"gpus": 4}), IN_IT))["namespaces.speech.gpus"]
    assert message.startswith("demo take up to 5 nvidia.com/gpu, with the one more that a change by surge needs: pods beyond the quota")
    accepted(tmp_path, changed((TEAM, {"gpus": 4}), IN_IT, (f"{DEMO}/rollout", "recreate")))


def test_placeholders_count_in_the_stacks_own_namespace(tmp_path: Path) -> None:
    warm = ("headroom:pools/l4", {"machine": "g6.2xlarge", "max": 8, "warm": 2})
    found = problems(tmp_path, changed(("headroom:namespaces/inference", {"gpus": 6}), warm))
    assert found["namespaces.inference.gpus"].startswith("demo, the warm pool l4 take up to 7 nvidia.com/gpu")


@pytest.mark.parametrize(
    ("settings", "path", "message"),
    [
        ({"gpu": 1}, ".gpu", "is not a setting here; allowed: gpus, priority, existing"),
        ({"priority": 0}, ".priority", "must be at least 1"),
        ({"priority": 1_000_000}, ".priority", "must be at most 999999"),
        ({"gpus": "all"}, ".gpus", "must be a whole number"),
    ],
)
def test_a_share_that_is_wrong_is_answered_with_what_would_be_right(tmp_path: Path, settings: Any, path: str, message: str) -> None:
    assert problems(tmp_path, changed((TEAM, settings)))[f"namespaces.speech{path}"] == message
