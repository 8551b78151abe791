"""An engine's signals bound to one server: from here on there are series names, PromQL and quantities, and no choice is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from headroom.catalog.engines.model import Engine, SignalSource
from headroom.catalog.names import NAMESPACE_LABEL, POD_LABEL, SERVER_LABEL, series
from headroom.catalog.signals import SIGNALS, AcrossPods, Signal
from headroom.desired.objects import duration, quantity
from headroom.settings.targets import target_value

_BY_POD = f"by ({NAMESPACE_LABEL}, {POD_LABEL}, {SERVER_LABEL})"
_BY_SERVER = f"by ({NAMESPACE_LABEL}, {SERVER_LABEL})"


@dataclass(frozen=True)
class RecordingRule:
    """One recorded series: its name, its PromQL, and labels to add."""

    record: str
    expr: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class BoundSignal:
    """A signal of one server, ready to be recorded and held at its target."""

    signal: Signal
    target: float
    """In the signal's unit."""
    pod: RecordingRule
    server: RecordingRule
    goal: RecordingRule
    """The target as a series, so that dashboards and alerts hold no number."""

    @property
    def quantity(self) -> str:
        """The target as a Kubernetes quantity."""
        return quantity(self.target)

    @property
    def rules(self) -> tuple[RecordingRule, ...]:
        return (self.pod, self.server, self.goal)


def bind(
    engine: Engine, *, server: str, namespace: str, model: str | None, targets: Mapping[str, str], window: float
) -> tuple[BoundSignal, ...]:
    """The signals that a server is held at, in the order of its stack file.

    `window` is the range of rates in seconds; `model` keeps the series of one model only.
    """
    return tuple(_bind(engine, SIGNALS[name], text, server, namespace, model, window) for name, text in targets.items())


def _bind(engine: Engine, signal: Signal, text: str, server: str, namespace: str, model: str | None, window: float) -> BoundSignal:
    source = engine.signals[signal.name]
    matchers = {NAMESPACE_LABEL: namespace, SERVER_LABEL: server, **({engine.model_label: model} if model else {})}
    fill = {"selector": ", ".join(f'{label}="{value}"' for label, value in matchers.items()), "window": duration(window)}
    target = target_value(signal, text)
    pod = series(signal.name, signal.unit, "pod")
    return BoundSignal(
        signal=signal,
        target=target,
        pod=RecordingRule(pod, _within(source, _BY_POD, fill), {}),
        server=RecordingRule(series(signal.name, signal.unit, "server"), _across(signal, source, pod, fill, namespace, server), {}),
        goal=RecordingRule(
            series(signal.name, signal.unit, "target"), f"vector({target!r})", {NAMESPACE_LABEL: namespace, SERVER_LABEL: server}
        ),
    )


def _within(source: SignalSource, by: str, fill: Mapping[str, str]) -> str:
    numerator = f"{source.within_pod} {by} ({Template(source.numerator).substitute(fill)})"
    if source.denominator is None:
        return numerator
    denominator = f"{source.within_pod} {by} ({Template(source.denominator).substitute(fill)})"
    return f"{numerator} / clamp_min({denominator}, {source.floor:g})"


def _across(signal: Signal, source: SignalSource, pod: str, fill: Mapping[str, str], namespace: str, server: str) -> str:
    if signal.across_pods is AcrossPods.WEIGHTED:
        return _within(source, _BY_SERVER, fill)
    operator = {AcrossPods.SUM: "sum", AcrossPods.MEAN: "avg", AcrossPods.MAX: "max"}[signal.across_pods]
    return f'{operator} {_BY_SERVER} ({pod}{{{NAMESPACE_LABEL}="{namespace}", {SERVER_LABEL}="{server}"}})'
