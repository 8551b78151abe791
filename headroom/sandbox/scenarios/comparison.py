"""A corrected server and a published recipe on the same trace: how fast they answered it, what they missed, what they held."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from headroom.report.timeline import Sample
from headroom.sandbox.scenarios.reaction import reaction
from headroom.sandbox.scenarios.recording import Recording


@dataclass(frozen=True)
class Figures:
    """Of one play. `reaction_seconds` is None where no replica was asked for in the phase that is timed."""

    reaction_seconds: float | None
    missed_seconds: int
    """Seconds in which the 95th percentile of the answers took longer than `patience`, or a request failed."""
    replica_hours: float
    answered: int
    failed: int
    most: int
    """Replicas that were ready at once, at most."""
    blind_seconds: int
    """Seconds in which the autoscaler did not know its metric."""


def figures(recording: Recording, phase: str | None, patience: float | None) -> Figures:
    """Of the trace alone: the first stage is where a server settles."""
    begun = recording.stages[0].ended
    samples = [sample for sample in recording.samples if sample.seconds > begun]
    return Figures(
        reaction_seconds=reaction(recording, phase) if phase else None,
        missed_seconds=sum(_missed(sample, patience) for sample in samples),
        replica_hours=_replica_seconds(samples) / 3600,
        answered=sum(sample.completed for sample in samples),
        failed=sum(sample.failed for sample in samples),
        most=max((sample.ready or 0 for sample in samples), default=0),
        blind_seconds=sum(sample.seen is None for sample in samples),
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
    return [
        ("reaction to the load step", _seconds(corrected.reaction_seconds), _seconds(published.reaction_seconds)),
        ("seconds that missed the target", str(corrected.missed_seconds), str(published.missed_seconds)),
        ("replica-hours", f"{corrected.replica_hours:.3f}", f"{published.replica_hours:.3f}"),
        ("most replicas ready", str(corrected.most), str(published.most)),
        ("seconds without a metric", str(corrected.blind_seconds), str(published.blind_seconds)),
        ("requests answered", str(corrected.answered), str(published.answered)),
        ("requests failed", str(corrected.failed), str(published.failed)),
    ]


def _missed(sample: Sample, patience: float | None) -> bool:
    slow = patience is not None and sample.latency is not None and sample.latency > patience
    return slow or sample.failed > 0


def _replica_seconds(samples: Sequence[Sample]) -> float:
    return sum((sample.ready or 0) * (after.seconds - sample.seconds) for sample, after in itertools.pairwise(samples))


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"
