"""A rate's window holds too few scrapes.

`rate` needs two samples in its window. Four scrapes per window leave room for one that is late and one that fails. The scrape interval
is the monitor's, or that of Prometheus where the monitor says none (30 s in the operator's defaults).

## Why it matters

With one missed scrape the result is empty: the HPA reads `<unknown>` and holds. With a window below two intervals it is empty always.

## How to mend it

Widen the window to four scrape intervals, or shorten the monitor's `interval`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import Query, queries
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error, warning
from headroom.wiring.intervals import of_scrape
from headroom.wiring.scrape import scrapes_by
from headroom.wiring.series import exporters, recordings, scrapes_of_series
from headroom.wiring.values import Unknown, seconds

_SCRAPES = 4
_SLOWEST_DEFAULT = 60.0
"""Prometheus' own default where nothing is configured; the operator's is 30 s."""
_NEED_TWO = promql.RATES | promql.DIFFERENCES


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        if query.steers:
            windows = {}
            for use in promql.uses(query.tree):
                if use.name not in recordings(facts) and use.range_function in _NEED_TWO and use.window is not None:
                    windows.setdefault(use.window, []).append(use.name)
            for window, names in windows.items():
                yield from _judge(facts, query, list(dict.fromkeys(names)), window)


def _judge(facts: Facts, query: Query, names: list[str | None], window: float) -> Iterator[Verdict]:
    read = " and ".join(name or "a series" for name in names)
    intervals = [_interval(facts, name) for name in names]
    hole = next((interval for interval in intervals if isinstance(interval, Unknown)), None)
    longest = max((interval for interval in intervals if isinstance(interval, float)), default=0.0)
    if window < _SCRAPES * longest:
        say = error if window < 2 * longest else warning
        yield say(
            query.place,
            f"{query.subject} rates {read} over {seconds(window)} at a scrape interval of {seconds(longest)}: "
            + ("the result is always or mostly empty" if window < 2 * longest else "it is empty as soon as a scrape or two are missed"),
            f"use a window of {seconds(_SCRAPES * longest)} or an interval of {seconds(window / _SCRAPES)}",
        )
    elif hole is not None and window < _SCRAPES * _SLOWEST_DEFAULT:
        yield cannot_tell(
            query.place,
            f"whether {query.subject} sees enough samples of {read} in {seconds(window)}: {hole.why}",
            "set the interval on the monitor",
        )


def _interval(facts: Facts, series: str | None) -> float | Unknown:
    """The longest interval at which the series may be scraped."""
    scrapes = scrapes_of_series(facts, series) if series else []
    if not scrapes and not (series and exporters(facts, series)):
        scrapes = [scrape for monitor in facts.monitors for scrape in scrapes_by(facts, monitor)]
    intervals = [of_scrape(facts, scrape) for scrape in scrapes]
    if not intervals:
        return Unknown("the monitor that scrapes it is not in the files")
    unknown = next((interval for interval in intervals if isinstance(interval, Unknown)), None)
    return unknown if unknown is not None else max(interval for interval in intervals if not isinstance(interval, Unknown))
