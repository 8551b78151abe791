"""A corrected server and a published recipe on the same trace: how fast they answered it, what they missed, what they held."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.table import Table

from headroom.report.timeline import Sample
from headroom.sandbox.scenarios.reaction import reaction
from headroom.sandbox.scenarios.recording import Recording


@dataclass(frozen=True)
class Figures:
    """Of one play. `reaction_seconds` is None where no replica was asked for in the phase that is timed; `full`, whether that was because
    no more were left to ask for when it began."""

    reaction_seconds: float | None
    full: bool
    missed_seconds: int
    """Seconds in which the 95th percentile of the answers took longer than `patience`, or a request failed; one without an answer counts as
    the one before."""
    replica_hours: float
    answered: int
    failed: int
    most: int
    """Replicas that were ready at once, at most."""
    blind_seconds: int
    """Seconds in which the autoscaler did not know its metric."""
    inside: float | None
    """The most that grew within replicas; None where nothing is watched."""


def trace(recording: Recording) -> tuple[Sample, ...]:
    """Without the first stage, where a server settles; `seconds` since its end, so that plays can be laid over each other."""
    begun = recording.stages[0].ended
    return tuple(replace(sample, seconds=sample.seconds - begun) for sample in recording.samples if sample.seconds > begun)


def figures(recording: Recording, phase: str | None, patience: float | None) -> Figures:
    """Of the trace alone."""
    samples = trace(recording)
    return Figures(
        reaction_seconds=reaction(recording, phase) if phase else None,
        full=phase is not None and _full(recording, phase),
        missed_seconds=_missed(samples, patience),
        replica_hours=_replica_seconds(samples) / 3600,
        answered=sum(sample.completed for sample in samples),
        failed=sum(sample.failed for sample in samples),
        most=max((sample.ready or 0 for sample in samples), default=0),
        blind_seconds=sum(sample.seen is None for sample in samples),
        inside=max((sample.inside for sample in samples if sample.inside is not None), default=None),
    )


def table(corrected: Figures, published: Figures) -> Table:
    shown = Table("", "corrected", "published", box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title, ours, theirs in rows(corrected, published):
        shown.add_row(title, ours, theirs)
    return shown


def markdown(scenario: str, corrected: Figures, published: Figures) -> str:
    """The page that is kept."""
    lines = [f"# Scenario {scenario}: corrected and published", "", "![comparison](comparison.png)", ""]
    lines += ["| | corrected | published |", "|---|---|---|"]
    lines += [f"| {title} | {ours} | {theirs} |" for title, ours, theirs in rows(corrected, published)]
    return "\n".join([*lines, ""])


def rows(corrected: Figures, published: Figures) -> list[tuple[str, str, str]]:
    """Title and both values, in the order in which they are read."""
    inside = [("the most within a replica", _number(corrected.inside), _number(published.inside))]
    return [
        ("reaction to the load step", _reaction(corrected), _reaction(published)),
        ("seconds that missed the target", str(corrected.missed_seconds), str(published.missed_seconds)),
        ("replica-hours", f"{corrected.replica_hours:.3f}", f"{published.replica_hours:.3f}"),
        ("most replicas ready", str(corrected.most), str(published.most)),
        *(inside if corrected.inside is not None else []),
        ("seconds without a metric", str(corrected.blind_seconds), str(published.blind_seconds)),
        ("requests answered", str(corrected.answered), str(published.answered)),
        ("requests failed", str(corrected.failed), str(published.failed)),
    ]


def _missed(samples: Sequence[Sample], patience: float | None) -> int:
    missed, slow = 0, False
    for sample in samples:
        if sample.latency is not None:
            slow = patience is not None and sample.latency > patience
        missed += slow or sample.failed > 0
    return missed


def _replica_seconds(samples: Sequence[Sample]) -> float:
    return sum((sample.ready or 0) * (after.seconds - sample.seconds) for sample, after in itertools.pairwise(samples))


def _full(recording: Recording, phase: str) -> bool:
    stage = recording.stage(phase)
    before = [sample.desired for sample in recording.samples if stage and sample.seconds <= stage.begun]
    return bool(before) and before[-1] == recording.subject.max


def _reaction(figures: Figures) -> str:
    if figures.reaction_seconds is not None:
        return f"{figures.reaction_seconds:.1f} s"
    return "had them all before" if figures.full else "never"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"
