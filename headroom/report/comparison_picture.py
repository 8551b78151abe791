"""The picture of several servers on the same trace: ready replicas and the time that answers took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from headroom.report.timeline import Sample
from headroom.report.timeline_picture import FAINT, INK, RULE

_COLOURS = ("#2563eb", "#dc2626", "#6d28d9")


def draw(plays: Mapping[str, Sequence[Sample]], path: Path, *, title: str) -> None:
    figure = Figure(figsize=(11, 6.5), dpi=130, facecolor="white")
    load, replicas, answers = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": (0.7, 2, 2)})
    figure.subplots_adjust(left=0.07, right=0.97, top=0.85, bottom=0.08, hspace=0.35)
    figure.text(0.07, 0.92, fill(title, 95), fontsize=12, fontweight="bold", color=INK)
    for (name, samples), colour in zip(plays.items(), _COLOURS, strict=False):
        seconds = [sample.seconds for sample in samples]
        load.step(seconds, [sample.offered for sample in samples], where="post", color=colour, linewidth=1.2)
        replicas.step(seconds, [_gap(sample.ready) for sample in samples], where="post", color=colour, linewidth=2, label=name)
        answers.plot(
            seconds, [_gap(sample.latency) for sample in samples], color=colour, linewidth=1.2, marker=".", markersize=3, label=name
        )
    replicas.yaxis.set_major_locator(MaxNLocator(integer=True))
    for panel, head in ((load, "Load, in flight"), (replicas, "Ready replicas"), (answers, "95th percentile of the answers, in seconds")):
        _finish(panel, head)
    replicas.legend(loc="lower right", bbox_to_anchor=(1.005, 1.0), ncols=3, frameon=False, fontsize=10, labelcolor=INK)
    answers.set_xlabel("seconds", color=FAINT)
    FigureCanvasAgg(figure).print_png(path)


def _finish(panel: Axes, head: str) -> None:
    panel.text(0, 1.06, head, transform=panel.transAxes, fontsize=11, fontweight="bold", color=INK)
    panel.set_ylim(bottom=0)
    panel.grid(axis="y", color=RULE, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.tick_params(colors=FAINT, length=0)


def _gap(value: float | None) -> float:
    """What is unknown is a gap in a line, not a zero."""
    return float("nan") if value is None else value
