"""What a phase may wait for."""

from __future__ import annotations

from enum import StrEnum

from headroom.report.timeline import Sample
from headroom.sandbox.scenarios.recording import Subject


class Condition(StrEnum):
    AT_MAX = "at-max"
    """As many replicas serve as the autoscaler may ask for."""
    SETTLED = "settled"
    """The autoscaler knows its metric, the fewest replicas are asked for and serve, and those that were taken away are gone."""
    SHRUNK = "shrunk"
    """What grows within replicas is as little as at rest."""


def holds(condition: Condition, sample: Sample, subject: Subject) -> bool:
    if condition is Condition.AT_MAX:
        return sample.desired == sample.ready == subject.max
    if condition is Condition.SHRUNK:
        return subject.inside is not None and sample.inside == subject.inside.least
    alone = sample.desired == sample.ready == sum(sample.pods.values()) == subject.min
    return alone and sample.seen is not None
