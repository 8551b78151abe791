"""Changes in a server's terms."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.report.changes import Op, Step
from headroom.report.changes.servers import ServerChange, server_changes
from tests.report.sample import claim, hpa, labels, meta, rules, scaled_object, step, workload


def only(*steps: Step) -> ServerChange:
    (change,) = server_changes(steps)
    return change


def said(*steps: Step) -> list[str]:
    return [str(term) for term in only(*steps).terms]


def group(size: int = 2, gpus: int = 8, surge: int = 1) -> dict[str, Any]:
    pod = {"containers": [{"name": "vllm", "image": "a:1", "resources": {"limits": {"nvidia.com/gpu": gpus}}}]}
    template = {"metadata": {}, "spec": pod}
    return {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": meta("llama-8b", "llama-8b"),
        "spec": {
            "rolloutStrategy": {"rollingUpdateConfiguration": {"maxSurge": surge}},
            "leaderWorkerTemplate": {"size": size, "leaderTemplate": template, "workerTemplate": template},
        },
    }


def test_bounds_of_either_backend_are_replicas() -> None:
    assert said(step(hpa(), hpa(least=2, most=10))) == ["min replicas 1 → 2", "max replicas 6 → 10"]
    assert said(step(scaled_object(), scaled_object(least=0))) == ["min replicas 1 → 0"]


def test_targets_are_told_in_their_units() -> None:
    before, after = (
        rules(queue_time_seconds=time, requests_waiting=waiting, kv_cache_usage_ratio=share)
        for time, waiting, share in (("0.2", "2", "0.6"), ("1.5", "4", "0.75"))
    )
    assert said(step(before, after)) == [
        "target queue-time 200ms → 1.5s",
        "target requests-waiting 2 → 4",
        "target kv-cache-usage 60% → 75%",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 50}}}]},
            {"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}}]},
        ),
        (
            {"triggers": [{"type": "cpu", "metadata": {"value": "50"}}]},
            {"triggers": [{"type": "cpu", "metadata": {"value": "70"}}]},
        ),
    ],
)
def test_targets_of_a_pods_own_resources_are_told_for_both_backends(before: dict[str, Any], after: dict[str, Any]) -> None:
    whole = hpa() if "metrics" in before else scaled_object()
    sides = ({**whole, "spec": {**whole["spec"], **part}} for part in (before, after))
    assert said(step(*sides)) == ["target cpu 50% → 70%"]


def test_gpus_at_most_are_those_of_all_replicas() -> None:
    assert said(step(workload(gpus=4), workload(gpus=8)), step(hpa(), hpa(most=10))) == [
        "max replicas 6 → 10",
        "GPUs per replica 4 → 8",
        "GPUs at most 24 → 80",
    ]


def test_gpus_of_a_group_of_pods_are_those_of_all_of_them() -> None:
    assert said(step(group(2), group(4))) == ["GPUs per replica 16 → 32"]


@pytest.mark.parametrize(
    ("before", "after", "term"),
    [
        ("nvcr.io/a/b:25.06", "nvcr.io/a/b:25.07", "image 25.06 → 25.07"),
        ("nvcr.io/a/b:25.06", "mirror:5000/b:25.06", "image nvcr.io/a/b:25.06 → mirror:5000/b:25.06"),
        ("a@sha256:" + "1" * 64, "a@sha256:" + "2" * 64, "image sha256:111111111111 → sha256:222222222222"),
    ],
)
def test_an_image_is_told_by_its_tag_where_the_repository_stays(before: str, after: str, term: str) -> None:
    assert said(step(workload(image=before), workload(image=after))) == [term]


def test_arguments_and_variables_are_told_one_by_one() -> None:
    before = workload(args=["serve", "--max-model-len=4096"], env=[{"name": "A", "value": "1"}])
    after = workload(args=["serve", "--max-model-len=8192"], env=[{"name": "A", "value": "2"}])
    assert said(step(before, after)) == ["--max-model-len 4096 → 8192", "environment A 1 → 2"]


def test_a_secret_variable_is_told_without_its_value() -> None:
    plain, token = (workload(env=[{"name": "API_KEY", "value": value}]) for value in ("first-value-of-a-key-1", "other-value-of-a-key-2"))
    change = only(step(plain, token), step(hpa(), hpa(most=7)))
    assert "value-of-a-key" not in str(change)


def test_scaling_alone_restarts_nothing() -> None:
    assert only(step(workload(), workload()), step(hpa(), hpa(most=10))).effects == ("no replica restarts",)


def test_a_changed_pod_rolls_one_by_one_up_to_the_maximum() -> None:
    change = only(step(workload(), workload(image="a:2")), step(hpa(), hpa(most=10)))
    assert "one after another (up to 10)" in change.effects[0]
    assert not change.outage


@pytest.mark.parametrize("make", [lambda gpus: workload(gpus=gpus, rollout="Recreate"), lambda gpus: group(gpus=gpus, surge=0)])
def test_a_changed_pod_that_is_recreated_is_an_outage(make: Any) -> None:
    change = only(step(make(1), make(2)))
    assert change.outage
    assert "all replicas go before the first new one starts" in change.effects[0]


def test_a_workload_that_is_made_anew_is_an_outage() -> None:
    assert only(step(workload(), workload(gpus=2), op=Op.REPLACE)).outage


def test_another_backend_is_told_and_that_replicas_stay() -> None:
    change = only(step(workload(), workload()), step(hpa(), None), step(None, scaled_object()))
    assert "backend hpa → keda" in [str(term) for term in change.terms]
    assert "replicas stay as they are" in change.effects[0]


def test_a_new_server_is_told_whole_and_one_that_goes_is_an_outage() -> None:
    new, gone = server_changes([step(None, workload("new")), step(workload("old"), None)])
    assert (new.op, new.outage, gone.op, gone.outage) == (Op.CREATE, False, Op.DELETE, True)
    assert {term.label for term in new.terms} >= {"engine", "image", "pool", "GPUs per replica"}


def test_an_object_that_no_term_speaks_of_is_named() -> None:
    assert only(step(claim(), claim("300Gi"))).others == ("PersistentVolumeClaim chat/llama-8b-cache",)


def test_a_workload_of_which_no_term_changes_is_named() -> None:
    change = only(step(workload(), workload(pod={"priorityClassName": "high"})))
    assert (change.terms, change.others) == ((), ("Deployment chat/llama-8b",))


def test_a_server_of_which_nothing_changes_is_not_told() -> None:
    assert server_changes([step(workload(), workload()), step(hpa(), hpa())]) == ()


def test_objects_of_others_and_placeholders_are_no_servers() -> None:
    foreign = {**hpa(), "metadata": {**meta("llama-8b"), "labels": {**labels("llama-8b"), "app.kubernetes.io/managed-by": "Helm"}}}
    placeholder = {**workload(), "metadata": {**meta("w"), "labels": {**labels("l4"), "app.kubernetes.io/name": "warm-pool"}}}
    assert server_changes([step(None, foreign), step(None, placeholder)]) == ()
