"""No monitor selects the pods whose metric the autoscaler needs.

A PodMonitor selects pods by their labels. A ServiceMonitor selects Services by the Services' own labels, and the Service selects the
pods. Both look into their own namespace only, unless `namespaceSelector` says otherwise.

## Why it matters

Prometheus has no target, so the series does not exist and the HPA reads `<unknown>`. Nothing reports it: a monitor that selects nothing
is valid.

## How to mend it

Make the monitor's `selector.matchLabels` equal to labels that the pods (PodMonitor) or the Service (ServiceMonitor) carry, and name the
namespace in `namespaceSelector.matchNames` where it is another.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import scraped_for
from headroom.wiring.facts import Facts, Workload
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.misses import near_miss
from headroom.wiring.scrape import scrapes_of
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for workload, metric in scraped_for(facts).items():
        scrapes = scrapes_of(facts, workload)
        if not scrapes:
            yield _unscraped(facts, workload, metric)
        elif not any(scrape.selects is True for scrape in scrapes):
            doubt = scrapes[0]
            why = doubt.selects.why if isinstance(doubt.selects, Unknown) else ""
            yield cannot_tell(
                doubt.monitor.place,
                f"whether {doubt.monitor.ref} selects the pods of {workload.ref}: {why}",
                "write labels and namespaces out",
            )


def _unscraped(facts: Facts, workload: Workload, metric: str) -> Verdict:
    for monitor in facts.monitors:
        reason = near_miss(facts, monitor, workload)
        if reason:
            return error(
                monitor.place,
                f"{monitor.ref} does not select the pods of {workload.ref}, which must be scraped for {metric}: {reason}",
                "make selector and labels equal, and the namespaces too",
            )
    if facts.closed:
        return error(
            workload.place, f"no monitor selects the pods of {workload.ref}, which must be scraped for {metric}", "add a PodMonitor"
        )
    annotated = not isinstance(workload.pod_annotations, Unknown) and workload.pod_annotations.get("prometheus.io/scrape") == "true"
    return cannot_tell(
        workload.place,
        f"whether Prometheus scrapes the pods of {workload.ref} for {metric}: "
        + (
            "their prometheus.io annotations work only where Prometheus is told so" if annotated else "no monitor in the files selects them"
        ),
        "verify the PodMonitor or ServiceMonitor together with this object",
    )
