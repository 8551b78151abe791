"""What a server did over time, as a table and as a picture: requests, signal, replicas."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from headroom.paths import Clone


@dataclass(frozen=True)
class Sample:
    """One look at the loop, a second after the one before. None stands for what could not be read; it is never 0."""

    seconds: float
    """Since the recording began."""
    offered: float
    """Requests that the load keeps in flight, or sends per second, from this moment on."""
    completed: int
    """Requests answered since the sample before."""
    failed: int
    """Requests refused, broken off or answered with an error since the sample before."""
    latency: float | None
    """95th percentile of the answered ones, in seconds; None where none was answered."""
    signal: float | None
    """The server's recorded series, as Prometheus has it, in the signal's unit."""
    target: float | None
    """The recorded series of its target."""
    seen: float | None
    """The signal as the autoscaler last read it; None while it is unknown to it."""
    desired: int | None
    """Replicas that the autoscaler asks for."""
    ready: int | None
    """Replicas that serve."""
    pods: Mapping[str, int]
    """Pods by phase; `Terminating` for those that are being deleted, whatever their phase."""
    inside: float | None = None
    """What grows within replicas, where it is watched."""


def rows(samples: Sequence[Sample], every: float = 10) -> tuple[Sample, ...]:
    """The samples worth a line: the first and last, each that differs in replicas from the one before, and one in `every` seconds."""
    kept: list[Sample] = []
    before: Sample | None = None
    for sample in samples:
        changed = before is None or _steps(sample) != _steps(before)
        if changed or sample is samples[-1] or sample.seconds - kept[-1].seconds >= every:
            kept.append(sample)
        before = sample
    return tuple(kept)


def _steps(sample: Sample) -> tuple[float | None, ...]:
    """What changes in steps."""
    return sample.desired, sample.ready, sample.offered, sample.inside


def table(samples: Sequence[Sample], *, inside: bool = False) -> Table:
    """For a terminal of 80 columns; times in seconds, the signal in its own unit. `inside`: with what grows within replicas."""
    columns = ("second", "load", "done", "failed", "p95", "signal", "target", "seen", "desired", "ready", "pods")
    columns += ("inside",) if inside else ()
    shown = Table(*columns, box=None, padding=(0, 1, 0, 0), header_style="bold")
    for column in shown.columns:
        column.justify = "right"
        column.no_wrap = True
    for sample in rows(samples):
        shown.add_row(
            f"{sample.seconds:.0f}",
            f"{sample.offered:g}",
            str(sample.completed),
            str(sample.failed),
            *(_number(value) for value in (sample.latency, sample.signal, sample.target, sample.seen)),
            _count(sample.desired),
            _count(sample.ready),
            str(sum(sample.pods.values())),
            *(["unknown" if sample.inside is None else f"{sample.inside:g}"] if inside else []),
        )
    return shown


def plot(samples: Sequence[Sample], path: Path, *, title: str, unit: str = "", inside: str | None = None) -> None:
    """Writes a PNG of three panels over one axis of seconds; `unit` is the signal's, `inside` the name of what grows within replicas."""
    # Imported late: matplotlib takes longer than everything else here, and only a picture needs it.
    _keep_to_the_clone()
    from headroom.report.timeline_picture import draw

    draw(samples, path, title=title, unit=unit, inside=inside)


def compare(plays: Mapping[str, Sequence[Sample]], path: Path, *, title: str) -> None:
    """Writes a PNG of several servers on the same trace, by name: replicas that served, and how long their answers took."""
    _keep_to_the_clone()
    from headroom.report.comparison_picture import draw

    draw(plays, path, title=title)


def _keep_to_the_clone() -> None:
    """Before matplotlib is imported: it writes down what it finds of fonts, in the user's home unless it is told where."""
    os.environ.setdefault("MPLCONFIGDIR", str(Clone.find().matplotlib))


def _number(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.2f}" if abs(value) < 1e5 else f"{value:.1e}"


def _count(value: int | None) -> str:
    return "unknown" if value is None else str(value)
