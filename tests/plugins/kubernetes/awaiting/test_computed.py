from __future__ import annotations

from typing import Any

import pytest

from headroom.plugins.kubernetes.awaiting.rules.computed import compute
from headroom.plugins.kubernetes.client import Object
from tests.plugins.kubernetes.awaiting.states import condition, obj


def daemon_set(**status: Any) -> Object:
    return obj("apps/v1", "DaemonSet", "d", status=status)


def custom(*conditions: Object, generation: int = 1, **status: Any) -> Object:
    return obj("g.io/v1", "Widget", "w", generation=generation, status={"conditions": list(conditions), **status})


def definition(*conditions: Object) -> Object:
    return obj("apiextensions.k8s.io/v1", "CustomResourceDefinition", "w.g.io", status={"conditions": list(conditions)})


COUNTS = {"observedGeneration": 1, "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "updatedNumberScheduled": 2}
REPLICAS = {"fullyLabeledReplicas": 2, "availableReplicas": 2, "readyReplicas": 2}


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (daemon_set(), (False, "DaemonSet status.observedGeneration not found")),
        (daemon_set(**COUNTS | {"updatedNumberScheduled": 1}), (False, "Updated: 1/2")),
        (daemon_set(**COUNTS, numberAvailable=1, numberReady=1), (False, "Available: 1/2")),
        (daemon_set(**COUNTS, numberAvailable=2, numberReady=2), (True, "All replicas scheduled as expected. Replicas: 2")),
        (definition(), (False, "Install in progress")),
        (definition(condition("NamesAccepted", "False", "Conflict", "taken")), (False, "taken")),
        (definition(condition("Established", "True")), (True, "CRD is established")),
        (custom(), (True, "Resource is current")),
        (custom(condition("Ready", "False", "Nope", "not yet")), (False, "not yet")),
        (custom(condition("Ready", "True")), (True, "Resource is Ready")),
        (custom(condition("Reconciling", "True", message="at work"), condition("Ready", "True")), (False, "at work")),
        (
            custom(condition("Ready", "True"), generation=3, observedGeneration=2),
            (False, "Widget generation is 3, but latest observed generation is 2"),
        ),
        (obj("v1", "ConfigMap", "c"), (True, "Resource is always ready")),
        (obj("v1", "ConfigMap", "c", deletionTimestamp="t"), (False, "Resource scheduled for deletion")),
        (obj("apps/v1", "ReplicaSet", "r", spec={"replicas": 2}, status=REPLICAS), (True, "ReplicaSet is available. Replicas: 2")),
        (obj("apps/v1", "ReplicaSet", "r", spec={"replicas": 3}, status=REPLICAS), (False, "Labeled: 2/3")),
    ],
)
def test_the_status_tells_whether_an_object_is_current(live: Object, expected: tuple[bool, str]) -> None:
    assert compute(live) == expected
