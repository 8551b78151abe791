"""What a scenario expects to have seen, judged on its recording."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from headroom.report.changes.words import counted
from headroom.sandbox.scenarios.recording import Recording, Stage


class Expectation(StrEnum):
    ROSE_TO_MAX = "rose-to-max"
    ROSE = "rose"
    FELL_TO_MIN = "fell-to-min"
    NO_FAILED_REQUESTS = "no-failed-requests"
    NEVER_BLIND = "never-blind"
    NEVER_FLAPPED = "never-flapped"
    GREW_INSIDE = "grew-inside"
    SHRANK_INSIDE = "shrank-inside"


@dataclass(frozen=True)
class Judgement:
    expectation: str
    met: bool
    why: str


def judge(recording: Recording, expectations: Sequence[Expectation], peak: int | None = None) -> tuple[Judgement, ...]:
    """A judgement per expectation, before them one for each phase that waited in vain, and one of the `peak` where a number is expected."""
    judgements = [
        Judgement(f"phase {stage.name}", False, f"{stage.until} did not come within {stage.ended - stage.begun:.0f} s")
        for stage in recording.stages
        if stage.reached is False
    ]
    if peak is not None:
        highest = max((sample.ready for sample in recording.samples if sample.ready is not None), default=0)
        judgements.append(Judgement("peak", highest == peak, f"{_ready(highest)} at most, the peak is expected to be {peak}"))
    for expectation in expectations:
        met, why = _JUDGES[expectation](recording)
        judgements.append(Judgement(str(expectation), met, why))
    return tuple(judgements)


def _ready(count: int) -> str:
    return f"{counted(count, 'replica')} {_were(count)} ready"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _rose_to_max(recording: Recording) -> tuple[bool, str]:
    subject = recording.subject
    counts = [sample.ready for sample in recording.samples if sample.ready is not None]
    if not counts:
        return False, "the number of ready replicas was never seen"
    if min(counts) == subject.max:
        return False, f"{_ready(subject.max)} all the time: there was no way to rise"
    return max(counts) == subject.max, f"{max(counts)} of at most {counted(subject.max, 'replica')} {_were(max(counts))} ready"


def _rose(recording: Recording) -> tuple[bool, str]:
    counts = [sample.ready for sample in recording.samples if sample.ready is not None]
    highest = max(counts, default=0)
    return highest > recording.subject.min, f"{_ready(highest)} at most, the minimum is {recording.subject.min}"


def _never_flapped(recording: Recording) -> tuple[bool, str]:
    """Under constant load a replica that was taken away and is wanted again was taken too early."""
    if not recording.changes:
        return False, "the count never changed: it had no way to flap"
    for stage in _of_one_load(recording.stages):
        fell: float | None = None
        for change in recording.changes:
            if not stage.begun <= change.seconds <= stage.ended:
                continue
            if change.after < change.before:
                fell = change.seconds
            elif fell is not None:
                return False, f"in phase {stage.name} the count fell at {fell:.0f} s and rose again at {change.seconds:.0f} s"
    return True, f"{counted(len(recording.changes), 'change')} of the count, none taken back under the same load"


def _of_one_load(stages: Sequence[Stage]) -> list[Stage]:
    """The stages, neighbours of the same level as one."""
    found: list[Stage] = []
    for stage in stages:
        if found and found[-1].level == stage.level:
            found[-1] = replace(found[-1], ended=stage.ended)
        else:
            found.append(stage)
    return found


def _fell_to_min(recording: Recording) -> tuple[bool, str]:
    subject = recording.subject
    counts = [sample.ready for sample in recording.samples if sample.ready is not None]
    if not counts:
        return False, "the number of ready replicas was never seen"
    if max(counts) == subject.min:
        return False, f"{_ready(subject.min)} all the time: there was no way to fall"
    return counts[-1] == subject.min, f"{_ready(counts[-1])} at the end, the minimum is {subject.min}"


def _no_failed_requests(recording: Recording) -> tuple[bool, str]:
    completed = sum(sample.completed for sample in recording.samples)
    failed = sum(sample.failed for sample in recording.samples)
    if not completed and not failed:
        return False, "no request was sent"
    reasons = ", ".join(f"{count} × {reason}" for reason, count in recording.failures.items())
    return failed == 0, f"{completed} answered, {failed} failed" + (f" ({reasons})" if reasons else "")


def _never_blind(recording: Recording) -> tuple[bool, str]:
    """From the first time on that it saw: a new server has no metric yet."""
    since = list(itertools.dropwhile(lambda sample: sample.seen is None, recording.samples))
    if not since:
        return False, "the metric was never known to the autoscaler"
    blind = [sample.seconds for sample in since if sample.seen is None]
    if blind:
        return False, f"the metric was unknown to the autoscaler in {len(blind)} of {len(since)} samples, first at {blind[0]:.0f} s"
    return True, f"the autoscaler knew its metric in all {len(since)} samples"


def _grew_inside(recording: Recording) -> tuple[bool, str]:
    inside, values = recording.subject.inside, _inside(recording)
    if inside is None or not values:
        return False, "what grows within replicas was never seen"
    return max(values) > inside.least, f"{inside.title}: {max(values):g} at most, {inside.least:g} at rest"


def _shrank_inside(recording: Recording) -> tuple[bool, str]:
    inside, values = recording.subject.inside, _inside(recording)
    if inside is None or not values:
        return False, "what grows within replicas was never seen"
    if max(values) == inside.least:
        return False, f"{inside.title}: {inside.least:g} all the time, it had no way to fall"
    return values[-1] == inside.least, f"{inside.title}: {values[-1]:g} at the end, {inside.least:g} at rest"


def _inside(recording: Recording) -> list[float]:
    return [sample.inside for sample in recording.samples if sample.inside is not None]


_JUDGES: Mapping[Expectation, Callable[[Recording], tuple[bool, str]]] = {
    Expectation.ROSE_TO_MAX: _rose_to_max,
    Expectation.ROSE: _rose,
    Expectation.NEVER_FLAPPED: _never_flapped,
    Expectation.FELL_TO_MIN: _fell_to_min,
    Expectation.NO_FAILED_REQUESTS: _no_failed_requests,
    Expectation.NEVER_BLIND: _never_blind,
    Expectation.GREW_INSIDE: _grew_inside,
    Expectation.SHRANK_INSIDE: _shrank_inside,
}
