"""A monitor selects no pod, or no Service.

Servers that an autoscaler needs scraped are told by `server-not-scraped`; this is about every other monitor.

## Why it matters

A monitor that selects nothing is valid and silent: dashboards stay empty and alerts never fire.

## How to mend it

Make its selector equal to labels that the pods (PodMonitor) or the Service (ServiceMonitor) carry, in a namespace that it looks into.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import scraped_for
from headroom.wiring.facts import Facts, Monitor
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.misses import near_miss
from headroom.wiring.scrape import scrapes_by, selected_services


def check(facts: Facts) -> Iterator[Verdict]:
    for monitor in facts.monitors:
        selects = any(scrapes_by(facts, monitor)) or (not monitor.of_pods and any(selected_services(facts, monitor)))
        if not selects:
            yield from _judge(facts, monitor)


def _judge(facts: Facts, monitor: Monitor) -> Iterator[Verdict]:
    missed = {workload: reason for workload in facts.workloads if (reason := near_miss(facts, monitor, workload))}
    if any(workload in scraped_for(facts) for workload in missed):
        return
    for workload, reason in missed.items():
        yield error(monitor.place, f"{monitor.ref} does not select the pods of {workload.ref}: {reason}", "make selector and labels equal")
        return
    what = f"{monitor.ref} selects {monitor.selector}"
    if facts.closed:
        yield error(monitor.place, f"{what}, which nothing has", "select what it is for, or remove it")
    else:
        yield cannot_tell(
            monitor.place, f"whether {monitor.ref} selects anything: nothing in the files has {monitor.selector}", "verify that too"
        )
