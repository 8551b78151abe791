"""Cases that every signal must survive: what an engine would export in them, scrape by scrape, and what is then true.

Series and the value of a signal both follow from the numbers of a pod's load, the value by the signal's meaning: no expression of the
catalogue is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.desired.promtool import Given
from tests.desired.signal_engines import BUSY, FLOOD, GAUGES, OTHER, Load, Release, Sample

SECONDS = 15
"""Between two scrapes; rates are over four of them."""

SUMS = frozenset({"queue-length", "streams"})
"""Signals from counters that are so much per second: what nobody saw is missing in them. It cancels out in those that are a ratio."""
RECORDS = {
    "queue-time": "headroom:queue_time_seconds",
    "queue-length": "headroom:queue_length_requests",
    "queue-compute-ratio": "headroom:queue_compute_ratio",
    "requests-waiting": "headroom:requests_waiting",
    "requests-running": "headroom:requests_running",
    "kv-cache-usage": "headroom:kv_cache_usage_ratio",
    "streams": "headroom:streams_requests",
}


@dataclass(frozen=True)
class Pod:
    """A pod's models and their load, as seen over time: places are those of scrapes, counted from 0."""

    models: Mapping[str, Load]
    until: int | None = None
    """The last scrape before which somebody asked for something."""
    begins: int | None = None
    """The first scrape of a new process, whose counters began anew half an interval before."""
    failed: tuple[int, ...] = ()
    """Scrapes that failed."""


@dataclass(frozen=True)
class Look:
    """What must be recorded at a scrape."""

    at: int
    seen: float | None = 1
    """Share of the window's increments that was seen: 1 for a value that is right; None where nothing may be recorded."""

    @property
    def time(self) -> str:
        return f"{self.at * SECONDS}s"


@dataclass(frozen=True)
class Case:
    """Something that happens to a server, and when its signal is looked at."""

    name: str
    because: str
    pods: Callable[[Release], dict[str, Pod]]
    looks: Callable[[str], tuple[Look, ...]]
    twin: bool = False
    named: bool = False
    unwatched: range = range(0)
    """Scrapes that nobody made, for there was no Prometheus."""
    without: Mapping[str, str] = field(default_factory=dict)
    """Signals that it does not apply to, in any engine, and why."""

    def reason_against(self, release: Release, signal: str) -> str | None:
        """Why it does not apply to a signal; None where it does."""
        said = release.without.get(self.name)
        return self.without.get(signal) or (said if isinstance(said, str) or said is None else said.get(signal))


def _alone(**happens: Any) -> Callable[[Release], dict[str, Pod]]:
    return lambda release: {"a": Pod({release.model: BUSY}, **happens)}


def _several(release: Release) -> dict[str, Pod]:
    """The model of the server and those beside it; in a second pod the loads are exchanged."""
    first = {release.model: BUSY, **{other.model: other.load for other in release.beside}}
    return {"a": Pod(first), "b": Pod({**dict.fromkeys(first, BUSY), release.model: OTHER})}


def _right(*at: int) -> Callable[[str], tuple[Look, ...]]:
    return lambda _: tuple(map(Look, at))


def _after_a_reset(signal: str) -> tuple[Look, ...]:
    """One of a window's three increments is lost in part: a sum is between two thirds and the whole, a ratio loses nothing."""
    seen = 2 / 3 if signal in SUMS else 1
    return (Look(10), *(Look(at, seen) for at in range(11, 15)), Look(15), Look(30))


def _around_a_failure(signal: str) -> tuple[Look, ...]:
    """A gauge has no earlier sample to count with, and an old one is not passed off as new; counters go on.

    Where the failed scrape is the first of a window, a rate is told of what follows it: a sum then knows half of its window, once.
    """
    half = 0.5 if signal in SUMS else 1
    return (Look(19), Look(20, None if signal in GAUGES else 1), *map(Look, (21, 22)), Look(23, half), *map(Look, range(24, 28)))


def _after_a_restart_of_prometheus(signal: str) -> tuple[Look, ...]:
    """Absent until a pod was scraped three times. A sum then knows half of its window, and with the fourth scrape the whole."""
    half = 0.5 if signal in SUMS else 1
    return (Look(20), *(Look(at, None) for at in (26, 40, 48, 49, 50)), Look(51, half), *map(Look, range(52, 58)))


CASES = (
    Case("steady load", "the numbers of the load themselves", _alone(), _right(4, 20)),
    Case(
        "counter reset",
        "a new process in the same pod counts from 0: never less than one lost scrape explains, and never more than is true",
        _alone(begins=11),
        _after_a_reset,
        without=dict.fromkeys(sorted(GAUGES), "a gauge has no reset"),
    ),
    Case("idle twin", "a series of the same pod that stays 0 neither adds nor dilutes", _alone(), _right(20), twin=True),
    Case("several models", "what counts of them is what the signal is about", _several, _right(20)),
    Case("named model", "a server that names its model counts that one alone", _several, _right(20), named=True),
    Case(
        "zero traffic",
        "once the last request has left the window a signal is 0: neither absent nor NaN",
        _alone(until=10),
        lambda _: (Look(10), *(Look(at) for at in (13, 14, 20, 40))),
    ),
    Case("one missing scrape", "counters bridge it, a gauge is blind for it alone", _alone(failed=(20,)), _around_a_failure),
    Case(
        "restart of Prometheus",
        "killed at 5m and back with the scrape at 12m15s: samples from before are not taken for the present",
        _alone(),
        _after_a_restart_of_prometheus,
        unwatched=range(21, 49),
    ),
    Case(
        "two pods",
        "sums add up, a wait is weighted by who waited, the cache is the mean; an idle third pod has its 0",
        lambda release: {"a": Pod({release.model: BUSY}), "b": Pod({release.model: OTHER}), "c": Pod({release.model: BUSY}, until=0)},
        _right(20),
    ),
)

LAST = 60
"""The last scrape."""


def given(release: Release, case: Case) -> list[Given]:
    """The series of the server's pods as they were scraped, and those of a server beside it."""
    series: list[Given] = []
    pods = {**{name: ("demo", pod) for name, pod in case.pods(release).items()}, "z": ("other", Pod({release.model: FLOOD}))}
    for name, (server, pod) in pods.items():
        target = {"namespace": "inference", "server": server, "pod": name}
        series.append(_series("up", target, [0 if at in pod.failed else 1 for at in range(LAST + 1)], case.unwatched))
        exports = {other.model: other.exports for other in release.beside if other.exports}
        for model, load in pod.models.items():
            for sample in exports.get(model, release.exports)(name, model, load):
                own = {**target, "container": release.engine}
                values = [None if at in pod.failed else _value(sample, pod, at) for at in range(LAST + 1)]
                series.append(_series(sample.metric, own | dict(sample.labels), values, case.unwatched))
                if case.twin and sample.twin is not None:
                    idle = [sample.value if sample.kind == "constant" else 0] * (LAST + 1)
                    series.append(_series(sample.metric, own | dict(sample.twin), idle, case.unwatched))
    return series


def _value(sample: Sample, pod: Pod, at: int) -> float:
    """What a series shows at a scrape."""
    if sample.kind == "constant":
        return sample.value
    if sample.kind == "gauge":
        # A process that has just begun holds nothing yet.
        idle = at == pod.begins or (pod.until is not None and at > pod.until)
        return 0 if idle else sample.value
    intervals = float(at if pod.until is None else min(at, pod.until))
    if pod.begins is not None and at >= pod.begins:
        intervals -= pod.begins - 0.5
    return sample.value * SECONDS * intervals


def _series(metric: str, labels: Mapping[str, str], values: Sequence[float | None], unwatched: range) -> Given:
    """None is a failed scrape, after which Prometheus marks the series as gone."""
    shown = ("_" if at in unwatched else "stale" if value is None else f"{value:.10g}" for at, value in enumerate(values))
    return Given(metric, " ".join(shown), tuple(labels.items()))


@dataclass(frozen=True)
class Range:
    """Between which numbers a value must be; one number where both are the same."""

    low: float
    high: float


def expected(release: Release, case: Case, signal: str, look: Look) -> dict[str, dict[str, Range]]:
    """By recorded series and by pod, `""` for the server: what is true there at the time of looking."""
    record = RECORDS[signal]
    if look.seen is None:
        return {f"{record}:pod": {}, f"{record}:server": {}}
    loads = {name: _loads(release, case, signal, pod, look.at) for name, pod in case.pods(release).items()}
    ranges = {
        name: Range(_truth(release, signal, those, look.seen), _truth(release, signal, those, 1))
        for name, those in {**{name: [of] for name, of in loads.items()}, "": list(loads.values())}.items()
    }
    return {f"{record}:pod": {name: of for name, of in ranges.items() if name}, f"{record}:server": {"": ranges[""]}}


def _loads(release: Release, case: Case, signal: str, pod: Pod, at: int) -> list[Load]:
    """Of a pod, those that count in a signal at the time; nothing once nobody asks any more."""
    alone = case.named or release.must_name
    uncounted = {other.model for other in release.beside if alone or (other.counted is not None and signal not in other.counted)}
    idle = pod.until is not None and at > pod.until
    return [Load(0, 0, 0, 0, 0) if idle else load for model, load in pod.models.items() if model not in uncounted]


def _truth(release: Release, signal: str, pods: Sequence[Sequence[Load]], seen: float) -> float:
    """A signal's value by its meaning, were only that share of a window's counts seen. Every inner list is a pod's models."""
    models = [load for pod in pods for load in pod]
    requests = sum(load.rate for load in models)
    waited = sum(load.rate * load.wait for load in models)
    computed = sum(load.rate * (load.held * release.executor + load.compute) for load in models)
    match signal:
        case "queue-time":
            return waited / requests if requests else 0
        case "queue-compute-ratio":
            return waited / computed if computed else 0
        case "queue-length" if release.executor:
            # Who is inside and not running waits; what was not seen of those inside is taken for nobody.
            return sum(max(0, seen * load.rate * (load.held + load.compute) - load.running) for load in models)
        case "queue-length":
            return seen * waited
        case "streams":
            return seen * requests * release.chunk
        case "requests-waiting":
            return sum(load.waiting for load in models)
        case "requests-running":
            return sum(load.running for load in models)
        case "kv-cache-usage":
            # A pod is as full as the fullest of its caches.
            return sum(max(load.cache for load in pod) for pod in pods) / len(pods)
    raise KeyError(signal)
