"""What a scenario saw, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headroom.report.timeline import Sample


@dataclass(frozen=True)
class Subject:
    """The server that a scenario is about, as its stack asks for it. `record` and `goal` are recorded series."""

    stack: str
    server: str
    namespace: str
    min: int
    max: int
    title: str
    unit: str
    record: str
    goal: str


@dataclass(frozen=True)
class Change:
    """The autoscaler asked for another number of replicas."""

    seconds: float
    before: int
    after: int


@dataclass(frozen=True)
class Stage:
    """A phase as it went: seconds since the recording began. `reached`: whether what it waited for came; None: it waited for nothing."""

    name: str
    level: float
    begun: float
    ended: float
    reached: bool | None


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

    def stage(self, name: str) -> Stage:
        return next(stage for stage in self.stages if stage.name == name)
