"""An engine's signals bound to one server: from here on there are series names, PromQL and quantities, and no choice is left.

Every rule is guarded against what a Prometheus still has from before it went. Until five minutes after that, a plain selector gives the
last sample of each series, also of pods that are gone by now, and the first scrapes bring back only some of the pods: an autoscaler
that read this would take replicas away. So a pod counts while a scrape of it succeeded within the last five intervals, and a server once
one of its pods was looked at three times in them; before, nothing is recorded, and an autoscaler that reads nothing holds. (A scrape that
fails ends the pod's series only in the Prometheus that saw them: one that came back keeps what it had.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from headroom.catalog.engines.model import Engine, SignalSource
from headroom.catalog.names import ASKED, DEMAND, NAMESPACE_LABEL, POD_LABEL, SERVER_LABEL, series
from headroom.catalog.signals import SIGNALS, AcrossPods, Signal
from headroom.desired.objects import duration, quantity
from headroom.settings.targets import target_value

_OF_POD = f"({NAMESPACE_LABEL}, {POD_LABEL}, {SERVER_LABEL})"
_OF_SERVER = f"({NAMESPACE_LABEL}, {SERVER_LABEL})"

_WATCHED_INTERVALS = 5
_SCRAPES = 3
"""Looks at one pod within `_WATCHED_INTERVALS` after which every pod of its server was looked at twice, the least that has a rate."""

_WATCHED_SHARE = 0.9
"""Of the evaluations in a stretch of time: a few are missed on any busy Prometheus."""


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


@dataclass(frozen=True)
class BoundWake:
    """What wakes a server that sleeps, and lets it sleep again."""

    demand: RecordingRule
    asked: RecordingRule

    @property
    def rules(self) -> tuple[RecordingRule, ...]:
        return (self.demand, self.asked)


@dataclass(frozen=True)
class Place:
    """The server that an expression is about, and how its pods are watched."""

    server: str
    namespace: str
    interval: float
    """Seconds between two scrapes, and between two evaluations of its rules."""
    window: float
    """Range of rates in seconds."""

    @property
    def labels(self) -> dict[str, str]:
        return {NAMESPACE_LABEL: self.namespace, SERVER_LABEL: self.server}

    def select(self, series: str, more: Mapping[str, str] | None = None) -> str:
        return f"{series}{{{self.matchers(more)}}}"

    def matchers(self, more: Mapping[str, str] | None = None) -> str:
        return ", ".join(f'{label}="{value}"' for label, value in {**self.labels, **(more or {})}.items())

    @property
    def scraped(self) -> str:
        """Of each pod: a scrape succeeded in the last intervals."""
        return f"and on {_OF_POD} sum_over_time({self._lately}) > 0"

    @property
    def watched(self) -> str:
        """Of the server: a pod was looked at often enough in them, with or without success."""
        return f"and on {_OF_SERVER} max by {_OF_SERVER} (count_over_time({self._lately})) >= {_SCRAPES}"

    @property
    def _lately(self) -> str:
        return f"{self.select('up')}[{duration(_WATCHED_INTERVALS * self.interval)}]"


def bind(
    engine: Engine, place: Place, *, model: str | None, targets: Mapping[str, str], filling: Mapping[str, str]
) -> tuple[BoundSignal, ...]:
    """The engine's signals that a server is held at, in the order of its stack file; `model` keeps the series of one model only.

    `filling` has the values of the server that an expression may name, such as its engine's options.
    """
    return tuple(_bind(engine, SIGNALS[name], text, place, model, filling) for name, text in targets.items() if not SIGNALS[name].resource)


def bind_wake(query: str, silence: float, place: Place) -> BoundWake:
    """The rules that say whether anybody asks for a server. `query` is above 0 while somebody does, also where there is no replica.

    A yes counts at once. A no needs `silence` seconds in which every look said no: after a restart of Prometheus too.
    """
    lately = f"{place.select(DEMAND)}[{duration(silence)}]"
    looks = looks_within(silence, place)
    return BoundWake(
        demand=RecordingRule(DEMAND, f"sum({query}) > bool 0", place.labels),
        asked=RecordingRule(ASKED, f"max_over_time({lately}) > 0 or max_over_time({lately}) and count_over_time({lately}) >= {looks}", {}),
    )


def looks_within(seconds: float, place: Place) -> int:
    """Evaluations in a stretch of time from which on it counts as watched."""
    return max(1, int(_WATCHED_SHARE * seconds / place.interval))


def _bind(engine: Engine, signal: Signal, text: str, place: Place, model: str | None, filling: Mapping[str, str]) -> BoundSignal:
    source = engine.signals[signal.name]
    one_model = {engine.model_label: model} if model and engine.model_label else {}
    fill = {**filling, "selector": place.matchers(one_model), "window": duration(place.window)}
    target = target_value(signal, text)
    of_pods = f"{within(source, _OF_POD, fill)} {place.scraped} {place.watched}"
    return BoundSignal(
        signal=signal,
        target=target,
        pod=RecordingRule(series(signal.name, signal.unit, "pod"), of_pods, {}),
        server=RecordingRule(series(signal.name, signal.unit, "server"), _across(signal, source, of_pods, fill, place), {}),
        goal=RecordingRule(series(signal.name, signal.unit, "target"), f"vector({target!r})", place.labels),
    )


def within(source: SignalSource, of: str, fill: Mapping[str, str]) -> str:
    numerator = f"{source.within_pod} by {of} ({Template(source.numerator).substitute(fill)})"
    if source.denominator is None:
        return numerator
    denominator = f"{source.within_pod} by {of} ({Template(source.denominator).substitute(fill)})"
    return f"{numerator} / clamp_min({denominator}, {source.floor:g})"


def _across(signal: Signal, source: SignalSource, of_pods: str, fill: Mapping[str, str], place: Place) -> str:
    if signal.across_pods is AcrossPods.WEIGHTED:
        return f"{within(source, _OF_SERVER, fill)} {place.watched}"
    # Not from the recorded series of the pods: after a restart of Prometheus it still has those of pods that are gone.
    operator = {AcrossPods.SUM: "sum", AcrossPods.MEAN: "avg", AcrossPods.MAX: "max"}[signal.across_pods]
    return f"{operator} by {_OF_SERVER} ({of_pods})"
