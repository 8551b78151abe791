"""What a server did over time, as a table and as a picture: requests, signal, replicas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table


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


def rows(samples: Sequence[Sample], every: float = 10) -> tuple[Sample, ...]:
    """The samples worth a line: the first and last, each that differs in replicas from the one before, and one in `every` seconds."""
    kept: list[Sample] = []
    before: Sample | None = None
    for sample in samples:
        changed = before is None or (sample.desired, sample.ready, sample.offered) != (before.desired, before.ready, before.offered)
        if changed or sample is samples[-1] or sample.seconds - kept[-1].seconds >= every:
            kept.append(sample)
        before = sample
    return tuple(kept)


def table(samples: Sequence[Sample]) -> Table:
    """For a terminal."""
    columns = ("second", "load", "answered", "failed", "p95", "signal", "target", "seen by autoscaler", "desired", "ready", "pods")
    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for column in shown.columns:
        column.justify = "right"
    for sample in rows(samples):
        shown.add_row(
            f"{sample.seconds:.0f}",
            f"{sample.offered:g}",
            str(sample.completed),
            str(sample.failed) if sample.failed else "",
            *(_number(value) for value in (sample.latency, sample.signal, sample.target, sample.seen)),
            _count(sample.desired),
            _count(sample.ready),
            ", ".join(f"{count} {phase}" for phase, count in sample.pods.items()),
        )
    return shown


def plot(samples: Sequence[Sample], path: Path, *, title: str, unit: str = "") -> None:
    """Writes a PNG of three panels over one axis of seconds; `unit` is the signal's."""
    # Imported late: it takes longer than everything else here, and only a picture needs it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    seconds = [sample.seconds for sample in samples]
    figure = Figure(figsize=(11, 8), layout="constrained")
    requests, signal, replicas = figure.subplots(3, 1, sharex=True)
    figure.suptitle(title, x=0.01, ha="left", fontsize=13)

    requests.step(seconds, [sample.offered for sample in samples], where="post", color="#9aa5b1", label="load")
    requests.plot(seconds, [sample.completed for sample in samples], color="#2563eb", label="answered")
    requests.plot(seconds, [sample.failed for sample in samples], color="#dc2626", label="failed")
    requests.set_ylabel("requests per second")

    signal.plot(seconds, [_gap(sample.signal) for sample in samples], color="#7c3aed", label="recorded")
    signal.step(
        seconds, [_gap(sample.seen) for sample in samples], where="post", color="#db2777", alpha=0.6, label="seen by the autoscaler"
    )
    signal.plot(seconds, [_gap(sample.target) for sample in samples], color="#111827", linestyle="--", label="target")
    signal.set_ylabel(f"signal ({unit})" if unit else "signal")

    replicas.fill_between(
        seconds, [sum(sample.pods.values()) for sample in samples], step="post", color="#e5e7eb", label="pods, leaving ones too"
    )
    replicas.step(seconds, [_gap(sample.desired) for sample in samples], where="post", color="#d97706", label="desired")
    replicas.step(seconds, [_gap(sample.ready) for sample in samples], where="post", color="#059669", linewidth=2, label="ready")
    replicas.set_ylabel("replicas")
    replicas.set_xlabel("seconds")
    replicas.yaxis.get_major_locator().set_params(integer=True)

    for axes in (requests, signal, replicas):
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper right", frameon=False, ncols=3)
    FigureCanvasAgg(figure).print_png(path)


def _gap(value: float | None) -> float:
    """What is unknown is a gap in a line, not a zero."""
    return float("nan") if value is None else value


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def _count(value: int | None) -> str:
    return "unknown" if value is None else str(value)
