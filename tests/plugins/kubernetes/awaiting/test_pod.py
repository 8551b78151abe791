from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.awaiting.rules.pod import assess, warnings
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Waiting
from headroom.plugins.kubernetes.client import Object
from tests.plugins.kubernetes.awaiting.states import (
    CRASH_LOOP,
    INITIALIZED,
    READY,
    SCHEDULED,
    UNREADY,
    UNSCHEDULABLE,
    condition,
    container,
    pod,
)

UNINITIALIZED = condition("Initialized", "False", "ContainersNotInitialized", "containers with incomplete status: [i]")


@pytest.mark.parametrize(
    ("live", "stages"),
    [
        (pod(), ["scheduled"]),
        (pod(UNSCHEDULABLE), ["scheduled"]),
        (pod(SCHEDULED), ["scheduled", "initialized"]),
        (pod(SCHEDULED, INITIALIZED), ["scheduled", "initialized", "ready"]),
    ],
)
def test_progress_names_the_stages_reached(live: Object, stages: list[str]) -> None:
    verdict = assess(Observed(live))
    assert isinstance(verdict, Waiting)
    assert verdict.lines == tuple(Line(f'Waiting for Pod "ns/p" to be {stage}') for stage in stages)


@pytest.mark.parametrize(
    "live",
    [
        pytest.param(pod(SCHEDULED, INITIALIZED, READY, phase="Running"), id="ready"),
        pytest.param(pod(SCHEDULED, INITIALIZED, UNREADY, phase="Succeeded"), id="ended well"),
    ],
)
def test_is_ready(live: Object) -> None:
    assert isinstance(assess(Observed(live)), Done)


def test_the_default_namespace_is_not_shown() -> None:
    live = pod()
    live["metadata"]["namespace"] = "default"
    assert assess(Observed(live)).lines == (Line('Waiting for Pod "p" to be scheduled'),)


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        pytest.param(pod(), [], id="nothing is known yet"),
        pytest.param(pod(UNSCHEDULABLE), [], id="no node: told by its events"),
        pytest.param(pod(SCHEDULED, UNINITIALIZED), ["[Pod ns/p]: containers with incomplete status: [i]"], id="init containers"),
        pytest.param(
            pod(SCHEDULED, INITIALIZED, UNREADY, containers=(container({"waiting": {"reason": "ContainerCreating"}}),)),
            ["[Pod ns/p]: containers with unready status: [c]"],
            id="creating is no trouble",
        ),
        pytest.param(
            pod(SCHEDULED, INITIALIZED, UNREADY, containers=(CRASH_LOOP,)),
            [
                "[Pod ns/p]: containers with unready status: [c][CrashLoopBackOff] back-off 10s restarting failed container\n"
                'container "c" terminated at 2026-01-01T00:00:00Z (Error: exit code 1)'
            ],
            id="crash loop",
        ),
        pytest.param(
            pod(SCHEDULED, INITIALIZED, UNREADY, containers=(container({"terminated": {"reason": "Error", "exitCode": 3}}),)),
            ['[Pod ns/p]: containers with unready status: [c]container "c" completed with exit code 3'],
            id="ended",
        ),
        pytest.param(pod(SCHEDULED, INITIALIZED, READY), [], id="ready"),
    ],
)
def test_warnings_tell_what_keeps_a_pod_from_its_next_stage(live: Object, expected: list[str]) -> None:
    assert warnings([live]) == expected
