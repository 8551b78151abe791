from __future__ import annotations

from typing import Any

import pytest

from headroom.plugins.kubernetes.awaiting.rules.statefulset import assess
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Waiting
from headroom.plugins.kubernetes.client import Object
from tests.plugins.kubernetes.awaiting.states import obj


def stateful_set(generation: int = 1, observed: int | None = None, strategy: str = "RollingUpdate", **status: Any) -> Object:
    seen = {"observedGeneration": generation if observed is None else observed} if observed != 0 else {}
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "x"}}, "updateStrategy": {"type": strategy}}
    return obj("apps/v1", "StatefulSet", "s", generation=generation, spec=spec, status=seen | status)


ALL: dict[str, Any] = {"replicas": 3, "readyReplicas": 3, "currentReplicas": 3}
SAME: dict[str, Any] = {"currentRevision": "a", "updateRevision": "a"}
MOVING: dict[str, Any] = {"currentRevision": "a", "updateRevision": "b"}


@pytest.mark.parametrize(
    "live",
    [
        pytest.param(stateful_set(**ALL, **SAME), id="first revision"),
        pytest.param(stateful_set(generation=2, **ALL, **SAME), id="update rolled out"),
        pytest.param(
            stateful_set(generation=2, strategy="OnDelete", replicas=3, readyReplicas=3, **MOVING), id="OnDelete waits for no revision"
        ),
    ],
)
def test_is_ready(live: Object) -> None:
    assert assess(Observed(live)) == Done((Line("StatefulSet initialization complete"),))


@pytest.mark.parametrize(
    ("live", "progress", "reasons"),
    [
        pytest.param(
            stateful_set(observed=0),
            "[1/2] Waiting for StatefulSet to create Pods (0/0 Pods ready)",
            (
                "0 out of 0 replicas succeeded readiness checks",
                'StatefulSet controller failed to advance from revision "" to revision ""',
            ),
            id="not seen by its controller",
        ),
        pytest.param(
            stateful_set(replicas=3, currentReplicas=3, **SAME),
            "[1/2] Waiting for StatefulSet to create Pods (0/3 Pods ready)",
            ("0 out of 3 replicas succeeded readiness checks",),
            id="no Pod is ready",
        ),
        pytest.param(
            stateful_set(generation=2, replicas=3, readyReplicas=3, currentReplicas=1, updatedReplicas=2, **MOVING),
            "[1/3] Waiting for StatefulSet update to roll out (2/3 Pods ready)",
            (
                "2 out of 3 replicas succeeded readiness checks",
                'StatefulSet controller failed to advance from revision "a" to revision "b"',
            ),
            id="ready replicas of the revision before do not count",
        ),
        pytest.param(
            stateful_set(generation=2, **ALL, **MOVING),
            "[2/3] Waiting for StatefulSet to update .status.currentRevision",
            ('StatefulSet controller failed to advance from revision "a" to revision "b"',),
            id="the revision is not yet the current one",
        ),
    ],
)
def test_is_not_ready(live: Object, progress: str, reasons: tuple[str, ...]) -> None:
    assert assess(Observed(live)) == Waiting((Line(progress),), reasons)
