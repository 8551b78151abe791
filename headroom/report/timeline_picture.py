"""The picture of a recorded loop: requests, signal and replicas over one axis of seconds, with every step of the load marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from headroom.report.timeline import Sample

INK, FAINT, RULE = "#1f2933", "#7b8794", "#e4e7eb"
_BLUE, _RED, _VIOLET, _PINK = "#2563eb", "#dc2626", "#6d28d9", "#db2777"
_GREEN, _AMBER, _GREY = "#57b894", "#f6c26b", "#cbd2d9"


def draw(samples: Sequence[Sample], path: Path, *, title: str, unit: str, inside: str | None = None) -> None:
    """Writes a PNG; `unit` is the signal's."""
    figure = Figure(figsize=(11, 8), dpi=130, facecolor="white")
    panels = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": (2, 2, 2.2)})
    figure.subplots_adjust(left=0.07, right=0.97, top=0.87, bottom=0.07, hspace=0.3)
    figure.text(0.07, 0.955, title, fontsize=15, fontweight="bold", color=INK)
    figure.text(0.07, 0.928, _summary(samples), fontsize=10, color=FAINT)
    _requests(panels[0], samples)
    _signal(panels[1], samples, unit)
    _replicas(panels[2], samples, inside)
    for panel in panels:
        _finish(panel, samples)
    _loads(panels[0], samples)
    panels[2].set_xlabel("seconds", color=FAINT)
    FigureCanvasAgg(figure).print_png(path)


def _summary(samples: Sequence[Sample]) -> str:
    ready = [sample.ready for sample in samples if sample.ready is not None]
    turns = [count for count, _ in groupby([ready[0], max(ready), ready[-1]])] if ready else ["unknown"]
    answered, failed = sum(sample.completed for sample in samples), sum(sample.failed for sample in samples)
    lasted = samples[-1].seconds - samples[0].seconds
    return f"replicas {' → '.join(map(str, turns))} in {lasted:.0f} s; {answered} requests answered, {failed} failed"


def _requests(panel: Axes, samples: Sequence[Sample]) -> None:
    seconds, answered = _seconds(samples), [sample.completed for sample in samples]
    panel.fill_between(seconds, answered, color=_BLUE, alpha=0.12, linewidth=0)
    panel.plot(seconds, answered, color=_BLUE, linewidth=1.6, label="answered per second")
    failed = [(sample.seconds, sample.failed) for sample in samples if sample.failed]
    if failed:
        panel.bar(*zip(*failed, strict=True), color=_RED, width=1, label="failed per second")
    _head(panel, "Requests")


def _loads(panel: Axes, samples: Sequence[Sample]) -> None:
    readable = (samples[-1].seconds - samples[0].seconds) / 15
    for begun, ended, offered in _steps(samples):
        if ended - begun < readable:
            continue
        panel.annotate(
            f"load {offered:g}",
            (begun, 1),
            xycoords=panel.get_xaxis_transform(),
            xytext=(5, -4),
            textcoords="offset points",
            va="top",
            fontsize=9,
            color=FAINT,
        )


def _signal(panel: Axes, samples: Sequence[Sample], unit: str) -> None:
    seconds = _seconds(samples)
    seen = [_gap(sample.seen) for sample in samples]
    panel.step(seconds, seen, where="post", color=_PINK, linewidth=1.2, alpha=0.8, label="read by the autoscaler")
    panel.plot(seconds, [_gap(sample.signal) for sample in samples], color=_VIOLET, linewidth=1.8, label="recorded")
    panel.plot(seconds, [_gap(sample.target) for sample in samples], color=INK, linewidth=1.2, linestyle=(0, (5, 3)), label="target")
    for index, (begun, ended) in enumerate(_unknown(samples)):
        panel.axvspan(begun, ended, color=_GREY, alpha=0.35, linewidth=0, label="not known" if index == 0 else None)
    _head(panel, f"Signal, in {unit}" if unit else "Signal")


def _replicas(panel: Axes, samples: Sequence[Sample], inside: str | None) -> None:
    seconds = _seconds(samples)
    pods = [sum(sample.pods.values()) for sample in samples]
    staying = [total - sample.pods.get("Terminating", 0) for sample, total in zip(samples, pods, strict=True)]
    ready = [min(sample.ready or 0, stays) for sample, stays in zip(samples, staying, strict=True)]
    layers = (("ready", ready, _GREEN), ("starting", staying, _AMBER), ("leaving", pods, _GREY))
    floor = [0] * len(samples)
    for label, top, colour in layers:
        panel.fill_between(seconds, floor, top, step="post", color=colour, linewidth=0, label=label)
        floor = top
    desired = [_gap(sample.desired) for sample in samples]
    panel.step(seconds, desired, where="post", color=INK, linewidth=1.8, label="desired by the autoscaler")
    if inside:
        within = [_gap(sample.inside) for sample in samples]
        panel.step(seconds, within, where="post", color=_VIOLET, linewidth=1.6, linestyle=(0, (1, 1)), label=inside)
    panel.yaxis.set_major_locator(MaxNLocator(integer=True))
    _head(panel, "Replicas")


def _head(panel: Axes, title: str) -> None:
    panel.text(0, 1.06, title, transform=panel.transAxes, fontsize=11, fontweight="bold", color=INK)
    panel.legend(
        loc="lower right",
        bbox_to_anchor=(1.005, 1.0),
        ncols=5,
        frameon=False,
        fontsize=9,
        handlelength=1.6,
        columnspacing=1.4,
        labelcolor=INK,
    )


def _finish(panel: Axes, samples: Sequence[Sample]) -> None:
    panel.set_xlim(samples[0].seconds, max(samples[-1].seconds, samples[0].seconds + 1))
    panel.set_ylim(bottom=0, top=panel.get_ylim()[1] * 1.08)
    panel.grid(axis="y", color=RULE, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.spines["bottom"].set_color(_GREY)
    panel.tick_params(colors=FAINT, length=0)
    for begun, _, _ in _steps(samples)[1:]:
        panel.axvline(begun, color=FAINT, linewidth=0.8, linestyle=(0, (2, 3)))


def _steps(samples: Sequence[Sample]) -> list[tuple[float, float, float]]:
    """Begin, end and load of each stretch of constant load."""
    begins = [index for index, sample in enumerate(samples) if index == 0 or sample.offered != samples[index - 1].offered]
    ends = [samples[index].seconds for index in begins[1:]] + [samples[-1].seconds]
    return [(samples[index].seconds, end, samples[index].offered) for index, end in zip(begins, ends, strict=True)]


def _unknown(samples: Sequence[Sample]) -> Iterator[tuple[float, float]]:
    """Stretches in which the autoscaler had no value."""
    begun: float | None = None
    for sample in samples:
        if sample.seen is None and begun is None:
            begun = sample.seconds
        elif sample.seen is not None and begun is not None:
            yield begun, sample.seconds
            begun = None
    if begun is not None:
        yield begun, samples[-1].seconds


def _seconds(samples: Sequence[Sample]) -> list[float]:
    return [sample.seconds for sample in samples]


def _gap(value: float | None) -> float:
    """What is unknown is a gap in a line, not a zero."""
    return float("nan") if value is None else value
