"""Prometheus does not take the monitor.

A Prometheus of the operator takes monitors whose labels its `podMonitorSelector` or `serviceMonitorSelector` selects, in the namespaces
of the selector beside it. The chart kube-prometheus-stack fills an empty selector with `release: <its release>`, unless
`podMonitorSelectorNilUsesHelmValues` (and its two siblings) are false.

## Why it matters

The monitor is valid, selects the right pods, and is ignored. No target appears and no message says why.

## How to mend it

Put the label on the monitor that Prometheus selects by, or set the chart's three `…SelectorNilUsesHelmValues` to false.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict
from headroom.wiring.selection import judge


def check(facts: Facts) -> Iterator[Verdict]:
    for monitor in (monitor for monitor in facts.monitors if monitor.is_chosen):
        kind = "pod_monitors" if monitor.of_pods else "service_monitors"
        yield from judge(facts, kind, monitor.ref, monitor.labels, monitor.place)
