"""A scenario played against a cluster of a few lines: phases, samples and changes, without load."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

import pytest

from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.errors import Unreachable
from headroom.sandbox.scenarios.definition import Scenario
from headroom.sandbox.scenarios.recorder import EVENT, HPA
from headroom.sandbox.scenarios.recording import Recording
from headroom.sandbox.scenarios.run import play
from tests.sandbox.scenarios.recordings import SUBJECT

pytestmark = pytest.mark.thorough

DEPLOYMENT = GVK("apps/v1", "Deployment")


class Cluster:
    """`desired` says how many replicas the autoscaler asks for so many seconds after the first look; all of them are ready."""

    def __init__(self, desired: Callable[[float], int], *, reachable: bool = True) -> None:
        self._desired = desired
        self._reachable = reachable
        self._begun: float | None = None

    @property
    def _replicas(self) -> int:
        if not self._reachable:
            raise Unreachable("no answer")
        now = time.monotonic()
        self._begun = self._begun or now
        return self._desired(now - self._begun)

    def get(self, kind: GVK, namespace: str, name: str) -> dict[str, Any]:
        metrics = [{"type": "Object", "object": {"current": {"value": "100m"}}}]
        active = {"type": "ScalingActive", "status": "True"}
        return {
            HPA: {"status": {"desiredReplicas": self._replicas, "conditions": [active], "currentMetrics": metrics}},
            DEPLOYMENT: {"status": {"readyReplicas": self._replicas}},
        }[kind]

    def list(self, kind: GVK, namespace: str, *, label_selector: str = "") -> list[dict[str, Any]]:
        if kind == EVENT:
            about = {"kind": "Pod", "name": "demo-1"}
            late = {"lastTimestamp": "2100-01-01T00:00:00Z", "reason": "Unhealthy", "message": "no answer"}
            return [{"type": "Warning", "involvedObject": about, **late}]
        return [{"metadata": {}, "status": {"phase": "Running"}}] * self._replicas


def played(cluster: Cluster, *phases: dict[str, Any], said: list[str] | None = None) -> Recording:
    scenario = Scenario.model_validate({"sentence": "", "phases": phases, "expects": ["never-blind"]})
    report = (said if said is not None else []).append
    answer = {"data": {"result": [{"value": [0, "0.1"]}]}}
    return asyncio.run(play("test", scenario, SUBJECT, cast(Client, cluster), lambda _: answer, nullcontext(), report))


def phase(name: str, seconds: str, until: str | None = None) -> dict[str, Any]:
    return {"name": name, "level": 0, "seconds": seconds, "until": until}


def test_a_phase_lasts_its_seconds_and_is_sampled_at_most_every_second() -> None:
    recording = played(Cluster(lambda _: 1), phase("watch", "3500ms"))
    assert recording.stages[0].ended >= 3.5
    assert 2 <= len(recording.samples) <= 1 + recording.stages[0].ended


def test_what_the_cluster_warns_of_is_recorded() -> None:
    recording = played(Cluster(lambda _: 1), phase("watch", "1s"))
    assert recording.warnings == ("00:00:00 Pod demo-1: Unhealthy: no answer",)


def test_a_phase_ends_when_what_it_waits_for_comes() -> None:
    recording = played(Cluster(lambda seconds: 4 if seconds > 1 else 1), phase("rise", "30s", "at-max"))
    assert (recording.stages[0].reached, recording.stages[0].ended < 10) == (True, True)


def test_a_phase_that_waits_in_vain_ends_the_scenario() -> None:
    recording = played(Cluster(lambda _: 2), phase("rise", "1s", "at-max"), phase("after", "1s"))
    assert [(stage.name, stage.reached) for stage in recording.stages] == [("rise", False)]


def test_a_change_of_desired_replicas_is_timed_between_the_samples_and_told() -> None:
    said: list[str] = []
    recording = played(Cluster(lambda seconds: 2 if seconds > 0.5 else 1), phase("watch", "1500ms"), said=said)
    assert [(change.before, change.after) for change in recording.changes] == [(1, 2)]
    assert 0.5 <= recording.changes[0].seconds <= recording.stages[0].ended
    assert any("desired replicas 1 → 2" in line for line in said)


def test_a_cluster_that_does_not_answer_is_unknown_and_not_zero() -> None:
    recording = played(Cluster(lambda _: 1, reachable=False), phase("watch", "2s"))
    seen = recording.samples[0]
    assert (seen.desired, seen.ready, seen.seen, seen.pods) == (None, None, None, {})
