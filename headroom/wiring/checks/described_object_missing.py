"""An Object metric describes an object that does not exist.

The metric of an object is asked of the metrics API under that object's kind and name, in the HPA's namespace.

## Why it matters

The adapter answers for the objects that it finds as label values of the series. For any other name the HPA reads `<unknown>`.

## How to mend it

Name the object whose name stands in the series' label, usually the server's Service.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Place
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.likeness import slip_of
from headroom.wiring.scrape import same_namespace
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        for metric in autoscaler.metrics:
            if metric.described is None:
                continue
            kind, name = metric.described
            hole = next((part for part in (kind, name) if isinstance(part, Unknown)), None)
            if hole is not None:
                yield cannot_tell(metric.place, f"which object the metric describes: {hole.why}", "write its kind and name")
            elif not _exists(facts, str(kind), str(name), autoscaler.ref.namespace):
                names = [found.ref.name for found in facts.objects if found.ref.kind == kind]
                yield _missing(facts, metric.place, f"{kind} {name}", names)


def _missing(facts: Facts, place: Place, wanted: str, others: list[str]) -> Verdict:
    meant = slip_of(wanted.partition(" ")[2], others)
    if facts.closed or meant:
        known = f"; there is {meant}" if meant else ""
        return error(place, f"the metric describes {wanted}, which does not exist{known}", "describe an object that exists")
    return cannot_tell(place, f"whether {wanted} exists: it is not among the files", "verify its manifest together with this object")


def _exists(facts: Facts, kind: str, name: str, namespace: str) -> bool:
    found = (kind, name)
    return (
        any((o.ref.kind, o.ref.name) == found and same_namespace(o.ref.namespace, namespace) for o in facts.objects) or kind == "Namespace"
    )
