"""A finding is silenced on one object, by name, with a reason, until a date."""

from __future__ import annotations

from datetime import date

import pytest

from headroom.wiring import verify

TODAY = date(2026, 11, 21)


def objects(annotations: dict[str, str]) -> list[dict[str, object]]:
    labels = {"app": "a"}
    container = {"name": "main", "image": "example.com/a:1", "resources": {"requests": {"cpu": "1"}}}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "namespace": "n", "annotations": annotations},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    target = {"type": "Utilization", "averageUtilization": 50}
    hpa = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "a", "namespace": "n"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"},
            "maxReplicas": 3,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }
    return [deployment, hpa]


def checks(annotations: dict[str, str]) -> set[str]:
    return {finding.check for finding in verify(objects(annotations), today=TODAY)}


def test_without_an_annotation_it_is_found() -> None:
    assert checks({}) == {"replicas-declared"}


@pytest.mark.parametrize("text", ["moved next week, until 2026-11-21", "because of the migration; until 2027-01-31"])
def test_a_reason_and_a_date_silence_it(text: str) -> None:
    assert checks({"headroom.dev/ignore-replicas-declared": text}) == set()


@pytest.mark.parametrize("text", ["moved next week", "until 2027-01-31", "", "moved, until soon", "moved, until 2027-13-01"])
def test_without_reason_or_date_nothing_is_silenced(text: str) -> None:
    assert checks({"headroom.dev/ignore-replicas-declared": text}) == {"replicas-declared", "ignore-unjustified"}


def test_after_the_date_it_is_found_again() -> None:
    assert checks({"headroom.dev/ignore-replicas-declared": "moved, until 2026-11-20"}) == {"replicas-declared", "ignore-expired"}


def test_another_check_is_not_silenced() -> None:
    assert checks({"headroom.dev/ignore-api-removed": "old cluster, until 2027-01-31"}) == {"replicas-declared"}
