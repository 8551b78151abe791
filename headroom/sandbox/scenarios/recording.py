"""What a scenario saw, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headroom.report.timeline import Sample


@dataclass(frozen=True)
class Inside:
    """What grows within replicas, such as a model's workers."""

    title: str
    query: str
    """PromQL with one element; `$namespace` stands for the server's."""
    least: float
    """Its value while there is nothing to do."""


@dataclass(frozen=True)
class Subject:
    """The server that a scenario is about, as its stack asks for it. `record` and `goal` are recorded series, None where it has none.

    `autoscaler` is the name of the HorizontalPodAutoscaler, `metric` what it calls the signal, None where it has one only; `workload`
    apiVersion, kind and name of what it scales, `selector` the labels of the replicas' pods.
    """

    stack: str
    server: str
    namespace: str
    min: int
    max: int
    autoscaler: str
    workload: tuple[str, str, str]
    selector: str
    title: str
    unit: str
    record: str | None
    goal: str | None
    metric: str | None = None
    inside: Inside | None = None


@dataclass(frozen=True)
class Change:
    """The autoscaler asked for another number of replicas."""

    seconds: float
    before: int
    after: int


@dataclass(frozen=True)
class Stage:
    """A phase as it went: seconds since the recording began. `until`: what it waited for, and whether that came."""

    name: str
    level: float
    begun: float
    ended: float
    until: str | None = None
    reached: bool | None = None


@dataclass(frozen=True)
class Recording:
    scenario: str
    begun: str
    """UTC, ISO 8601."""
    subject: Subject
    stages: tuple[Stage, ...]
    samples: tuple[Sample, ...]
    changes: tuple[Change, ...]
    failures: Mapping[str, int]
    """Failed requests by reason."""
    complaint: str | None
    """Why the autoscaler did not scale at the end, in its own words; None when it did."""
    warnings: tuple[str, ...] = ()
    """What events of the server's namespace warned of meanwhile, and which containers were started again."""

    def stage(self, name: str) -> Stage | None:
        """None for a phase that was not come to."""
        return next((stage for stage in self.stages if stage.name == name), None)
