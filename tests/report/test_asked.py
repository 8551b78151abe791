"""What a stack asks for as one document, and what leads from one to another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.report.asked import asked, steps
from headroom.report.changes import Op, Report, StackChanges
from headroom.report.changes.view import view
from headroom.report.price import from_json, prices
from headroom.settings import parse

STACKS = Path(__file__).parents[2] / "stacks"
CONFIG: dict[str, Any] = {
    "cluster": {"provider": "gke", "name": "prod", "project": "speech-123", "location": "us-central1"},
    "pools": {"l4": {"machine": "g2-standard-8", "max": 4}},
    "platform": {"monitoring": {"mode": "helm", "grafana": "none"}, "keda": "helm"},
    "servers": {
        "speech": {
            "engine": "triton",
            "image": "nvcr.io/nvidia/tritonserver:25.06-py3",
            "pool": "l4",
            "models": "models",
            "autoscaling": {"replicas": {"min": 1, "max": 3}, "signals": {"queue-time": "200ms"}},
        }
    },
}


def document(**changed: Any) -> dict[str, Any]:
    stack = parse("prod-test", {**CONFIG, **changed}, STACKS, frozenset())
    return json.loads(json.dumps(asked(stack, render(stack))))


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    return document()


def moved(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Op]:
    return {step.name: step.op for step in steps(before, after) if step.op is not Op.SAME}


def test_nothing_leads_from_a_stack_to_itself(before: dict[str, Any]) -> None:
    assert moved(before, before) == {}


def test_a_stack_that_is_new_or_goes_is_so_in_every_part(before: dict[str, Any]) -> None:
    assert {step.op for step in steps(None, before)} == {Op.CREATE}
    assert {step.op for step in steps(before, None)} == {Op.DELETE}


def test_another_machine_replaces_the_pool_and_its_new_nodes_come_first(before: dict[str, Any]) -> None:
    after = document(pools={"l4": {"machine": "g2-standard-12", "max": 4}})
    assert moved(before, after)["l4"] is Op.REPLACE
    changes = StackChanges("prod", steps(before, after), prices=from_json(after["prices"]), prices_before=from_json(before["prices"]))
    (pool,) = view(Report("render", (changes,)))[0].pools
    assert "quota for both, up to 4 x g2-standard-8 and 4 x g2-standard-12" in pool.effects[0]


def test_more_nodes_are_a_change_in_place(before: dict[str, Any]) -> None:
    assert moved(before, document(pools={"l4": {"machine": "g2-standard-8", "max": 5}})) == {"l4": Op.UPDATE}


def test_values_of_a_chart_are_a_change_of_its_release(before: dict[str, Any]) -> None:
    after = document(platform={**CONFIG["platform"], "keda": {"mode": "helm", "overrides": {"operator": {"replicaCount": 3}}}})
    assert moved(before, after) == {"keda/keda": Op.UPDATE}


def test_an_object_with_a_hash_in_its_name_is_replaced_by_its_successor() -> None:
    old, new = ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"models-{end * 10}"}, "data": {}} for end in "ab")
    (step,) = steps({"objects": [old]}, {"objects": [new]})
    assert (step.op, step.before, step.after) == (Op.REPLACE, old, new)


def test_what_the_kubernetes_provider_replaces_is_replaced() -> None:
    old, new = (
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "cache"}, "spec": {"storageClassName": name}}
        for name in ("gp3", "io2")
    )
    (step,) = steps({"objects": [old]}, {"objects": [new]})
    assert (step.op, step.stateful) == (Op.REPLACE, True)


def test_prices_come_back_as_they_were(before: dict[str, Any]) -> None:
    assert from_json(before["prices"]) == prices(parse("prod-test", CONFIG, STACKS, frozenset()))


def test_what_looks_like_a_secret_is_not_in_it() -> None:
    token = "hf_NOTAREALTOKENatallNOTAREAL0123456"
    speech = {**CONFIG["servers"]["speech"], "environment": {"SOURCE": token}}
    assert token not in json.dumps(document(servers={"speech": speech}))
