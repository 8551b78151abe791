"""The placeholders of a warm pool, and what of them a stack gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.desired import Desired, render
from headroom.desired.objects import Object
from tests.desired.promtool import Given, alarm
from tests.settings.stack_files import DEMO, accepted, changed

WARM = ("headroom:pools/l4", {"machine": "g6.2xlarge", "max": 5, "warm": 2})


def stack(directory: Path, *changes: tuple[str, object]) -> Desired:
    return render(accepted(directory, changed(WARM, *changes)))


def pod(desired: Desired) -> Object:
    return desired.shared["warm-pool-l4"]["spec"]["template"]["spec"]


def test_there_are_as_many_placeholders_as_the_pool_says(tmp_path: Path) -> None:
    assert stack(tmp_path).shared["warm-pool-l4"]["spec"]["replicas"] == 2


def test_a_placeholder_asks_for_what_a_replica_asks_for(tmp_path: Path) -> None:
    (container,) = pod(stack(tmp_path, (f"{DEMO}/resources", {"cpu": "3", "memory": "12Gi"})))["containers"]
    assert container["resources"]["requests"] == {"cpu": "3", "memory": "12Gi", "nvidia.com/gpu": "1"}


def test_a_placeholder_goes_where_replicas_go(tmp_path: Path) -> None:
    desired = stack(tmp_path)
    replica = desired.servers[0].objects["workload"]["spec"]["template"]["spec"]
    assert {key: pod(desired)[key] for key in ("nodeSelector", "tolerations")} == {
        key: replica[key] for key in ("nodeSelector", "tolerations")
    }


def test_a_placeholder_gives_way_to_every_pod_and_pushes_none_aside(tmp_path: Path) -> None:
    desired = stack(tmp_path)
    priority = desired.shared["warm-pool-priority"]
    assert (priority["value"], priority["preemptionPolicy"]) == (-10, "Never")
    assert pod(desired)["priorityClassName"] == priority["metadata"]["name"]


def test_a_placeholder_ends_at_once(tmp_path: Path) -> None:
    assert pod(stack(tmp_path))["terminationGracePeriodSeconds"] == 0


def test_an_update_does_not_wait_for_placeholders(tmp_path: Path) -> None:
    assert stack(tmp_path).shared["warm-pool-l4"]["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}


def test_a_stack_without_a_warm_pool_has_nothing_of_it(tmp_path: Path) -> None:
    assert not [role for role in render(accepted(tmp_path, changed())).shared if role.startswith("warm-pool")]


@pytest.mark.tools
@pytest.mark.parametrize(
    ("ready", "fires"),
    [("2x80", {"30m": set()}), ("2x20 1x100", {"14m": set(), "16m": {"HeadroomWarmPoolShort"}}), ("2x20 1x30 2x100", {"30m": set()})],
    ids=["all are ready", "one waits for a node longer than a node takes", "one waited and is back"],
)
def test_a_pool_that_holds_less_than_it_should_is_said(ready: str, fires: dict[str, set[str]], tmp_path: Path) -> None:
    labels = (("namespace", "inference"), ("deployment", "warm-pool-l4"))
    given = (Given("kube_deployment_spec_replicas", "2x200", labels), Given("kube_deployment_status_replicas_ready", ready, labels))
    groups = stack(tmp_path).shared["warm-pool-alerts"]["spec"]["groups"]
    assert alarm(groups, given, fires, tmp_path) == ""
