"""A scrape may take longer than the time until the next.

`scrapeTimeout` must not be above `interval`.

## Why it matters

The operator rejects the monitor: it is in the cluster, and Prometheus has no target from it. Only the operator's log and an event say so.

## How to mend it

Lower `scrapeTimeout`, or leave it out: Prometheus then takes 10 s or the interval, whichever is shorter.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Endpoint, Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.values import seconds


def check(facts: Facts) -> Iterator[Verdict]:
    for monitor in facts.monitors:
        for endpoint in monitor.endpoints:
            interval = _interval(facts, endpoint)
            if isinstance(endpoint.timeout, float) and interval is not None and endpoint.timeout > interval:
                yield error(
                    endpoint.place,
                    f"{monitor.ref} waits {seconds(endpoint.timeout)} for a scrape that is due every {seconds(interval)}: it is rejected",
                    f"set scrapeTimeout to at most {seconds(interval)}",
                )


def _interval(facts: Facts, endpoint: Endpoint) -> float | None:
    """The interval, where it is known."""
    if isinstance(endpoint.interval, float):
        return endpoint.interval
    found = facts.prometheuses[0].scrape_interval if endpoint.interval is None and len(facts.prometheuses) == 1 else None
    return found if isinstance(found, float) else None
