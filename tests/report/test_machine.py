"""The report for a program."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headroom.report.changes import Report, StackChanges
from headroom.report.changes.machine import as_json
from tests.report.sample import SECRET, WHOLE, step, workload


@pytest.fixture(scope="module")
def prod() -> dict[str, Any]:
    told = json.loads(json.dumps(as_json(WHOLE)))
    assert (told["version"], told["operation"]) == (1, "preview")
    return next(stack for stack in told["stacks"] if stack["stack"] == "prod")


def test_counts_are_by_what_becomes_of_a_resource(prod: dict[str, Any]) -> None:
    assert prod["counts"] == {"create": 2, "update": 5, "replace": 2, "delete": 1, "import": 0, "same": 1}


def test_losses_say_why_and_whether_the_engine_refuses(prod: dict[str, Any]) -> None:
    assert prod["losses"] == [
        {
            "title": "PersistentVolumeClaim chat/llama-8b-cache",
            "op": "replace",
            "because": ["spec.storageClassName"],
            "protected": True,
        }
    ]


def test_a_servers_terms_have_both_sides(prod: dict[str, Any]) -> None:
    terms = {term["label"]: (term["before"], term["after"]) for term in prod["servers"][0]["terms"]}
    assert terms["max replicas"] == ("6", "10")


def test_cost_has_both_ends_before_and_after_and_now(prod: dict[str, Any]) -> None:
    assert prod["cost"] == {
        "before": {"min": 730, "max": 4380, "unpriced": []},
        "after": {"min": 1460, "max": 14600, "unpriced": []},
        "now": 2190,
        "played": False,
    }


@pytest.mark.parametrize("operation", ["up", "drift"])
def test_where_nobody_asked_for_prices_nothing_is_said_to_cost_nothing(operation: str) -> None:
    (stack,) = as_json(Report(operation, (StackChanges("prod"),)))["stacks"]
    assert stack["cost"]["after"] is None


def test_a_side_that_has_no_value_is_left_out(prod: dict[str, Any]) -> None:
    deployment = next(entry for entry in prod["resources"] if entry["title"] == "Deployment chat/llama-8b")
    added = next(entry for entry in deployment["differences"] if entry["path"].endswith("env[API_KEY]"))
    assert "before" not in added


def test_what_could_not_be_told_is_among_the_findings(prod: dict[str, Any]) -> None:
    assert [entry["severity"] for entry in prod["findings"]] == ["error", "warning", "unknown"]


def test_no_secret_is_in_it() -> None:
    leaky = StackChanges("prod", (step(workload(), workload(args=[f"--api-key={SECRET}"])),))
    assert SECRET not in json.dumps(as_json(Report("preview", (leaky,))))
