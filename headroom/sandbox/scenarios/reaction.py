"""How fast the loop reacted, beside the periods that it waits for by configuration."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.sandbox.periods import PERIODS
from headroom.sandbox.scenarios.recording import Recording
from headroom.settings.platform import Monitoring

SYNC = "horizontal-pod-autoscaler-sync-period"


@dataclass(frozen=True)
class Wait:
    """One thing that the loop waits for, at most, in seconds."""

    name: str
    seconds: float


def waits(monitoring: Monitoring, *, sandbox: bool) -> tuple[Wait, ...]:
    """Everything between a slow answer and a changed count, in order. On other clusters the controller's default is assumed.

    The adapter's relist is not among them: it delays a series that is new, never a new value.
    """
    sync = next(period for period in PERIODS if period.flag == SYNC)
    return (
        Wait("scrape", monitoring.scrape_interval),
        Wait("recording rule", monitoring.scrape_interval),
        Wait("autoscaler's look", float(sync.seconds if sandbox else sync.default)),
    )


def crossed(recording: Recording, phase: str) -> float | None:
    """Seconds from the beginning of a phase until the recorded signal was seen above its target; None where it never was.

    A signal that is a mean over a window passes its target only when the slow requests outweigh the quick ones before them.
    """
    stage = recording.stage(phase)
    if stage is None:
        return None
    above = (
        sample.seconds
        for sample in recording.samples
        if sample.signal is not None and sample.target is not None and sample.signal > sample.target
    )
    return next((seconds - stage.begun for seconds in above if stage.begun <= seconds <= stage.ended), None)


def reaction(recording: Recording, phase: str) -> float | None:
    """Seconds from the beginning of a phase to the first higher number of desired replicas; None where none came in it."""
    stage = recording.stage(phase)
    if stage is None:
        return None
    rises = [change.seconds for change in recording.changes if change.after > change.before]
    return next((seconds - stage.begun for seconds in rises if stage.begun <= seconds <= stage.ended), None)
