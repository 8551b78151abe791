"""What became of the requests: counted per second and over all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """One request: when it ended (seconds since the load began), how long it took, why it failed (None: it did not), and what else
    its protocol measured, by name."""

    ended: float
    seconds: float
    failure: str | None = None
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Percentiles:
    """Of what a protocol measured on each answered request."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Summary:
    """Requests of some stretch of time; latencies in seconds, of the answered ones only."""

    completed: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    """Failed requests by reason."""
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    measures: dict[str, Percentiles] = field(default_factory=dict)
    """By name; which there are depends on the protocol."""

    @property
    def failed(self) -> int:
        return sum(self.failures.values())


def summarize(outcomes: Iterable[Outcome]) -> Summary:
    outcomes = list(outcomes)
    answered = [outcome for outcome in outcomes if outcome.failure is None]
    latencies = sorted(outcome.seconds for outcome in answered)
    names = dict.fromkeys(name for outcome in answered for name in outcome.measures)
    failures = Counter(outcome.failure for outcome in outcomes if outcome.failure is not None)
    return Summary(
        completed=len(latencies),
        failures=dict(failures.most_common()),
        p50=percentile(latencies, 0.50),
        p95=percentile(latencies, 0.95),
        p99=percentile(latencies, 0.99),
        measures={name: _percentiles(sorted(one.measures[name] for one in answered if name in one.measures)) for name in names},
    )


def _percentiles(ordered: Sequence[float]) -> Percentiles:
    """Of at least one value, ascending."""
    return Percentiles(*(ordered[math.ceil(share * len(ordered)) - 1] for share in (0.50, 0.95, 0.99)))


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of `ordered` (ascending) does not exceed; None of nothing."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def per_second(outcomes: Iterable[Outcome], seconds: int) -> tuple[Summary, ...]:
    """A summary for each whole second from the beginning; what ended later belongs to the last one."""
    buckets: list[list[Outcome]] = [[] for _ in range(seconds)]
    for outcome in outcomes:
        buckets[min(int(outcome.ended), seconds - 1)].append(outcome)
    return tuple(summarize(bucket) for bucket in buckets)
