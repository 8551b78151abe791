"""Recordings made by hand, for what is judged on them."""

from __future__ import annotations

from dataclasses import replace

from headroom.report.timeline import Sample
from headroom.sandbox.scenarios.recording import Change, Inside, Recording, Stage, Subject

SUBJECT = Subject(
    stack="local",
    server="demo",
    namespace="inference",
    min=1,
    max=4,
    autoscaler="demo",
    workload=("apps/v1", "Deployment", "demo"),
    selector="app.kubernetes.io/instance=demo,app.kubernetes.io/name=triton",
    title="Queue time",
    unit="seconds",
    record="headroom:queue_time_seconds:server",
    goal="headroom:queue_time_seconds:target",
    inside=Inside("workers", "count(workers)", least=1),
)


def sample(seconds: float, replicas: int | None = 1, **fields: object) -> Sample:
    """A second in which all was well."""
    usual = Sample(
        seconds=seconds,
        offered=1,
        completed=10,
        failed=0,
        latency=0.1,
        signal=0.0,
        target=0.2,
        seen=0.0,
        desired=replicas,
        ready=replicas,
        pods={"Running": replicas or 0},
        inside=1,
    )
    return replace(usual, **fields)


def recording(*samples: Sample, changes: tuple[Change, ...] = (), failures: dict[str, int] | None = None) -> Recording:
    """A calm phase of 10 s and a load phase of 30 s."""
    stages = (Stage("calm", 1, 0, 10), Stage("load", 16, 10, 40, "at-max", True))
    return Recording("loop", "2026-01-01T00:00:00+00:00", SUBJECT, stages, samples, changes, failures or {}, None)


CLOSED = recording(
    sample(1),
    sample(12, 2),
    sample(20, 4, inside=3),
    sample(40, 1),
    changes=(Change(12.5, 1, 2), Change(18, 2, 4), Change(35, 4, 1)),
)
"""A loop that closed."""
