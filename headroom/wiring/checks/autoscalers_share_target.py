"""Two autoscalers scale the same workload.

KEDA makes an HPA of its own for every ScaledObject, so a ScaledObject and an HPA on one Deployment are two autoscalers. Two manifests
of one name are one autoscaler: whichever is applied last.

## Why it matters

Each computes a count from its own metrics and writes it; the replicas jump between the two. Newer versions of the HPA controller
notice that the selectors overlap, report `AmbiguousSelector` and stop scaling.

## How to mend it

Keep one. Several signals belong into one autoscaler: it takes the largest count.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from headroom.wiring.facts import Autoscaler, Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.scrape import same_namespace
from headroom.wiring.values import Unknown

_TRANSFER = "scaledobject.keda.sh/transfer-hpa-ownership"


def check(facts: Facts) -> Iterator[Verdict]:
    for first, second in combinations(facts.autoscalers, 2):
        if _same_target(first, second) and not (_takes_over(first) or _takes_over(second)):
            yield error(
                second.target.place,
                f"{first.target.kind} {first.target.name} is scaled by {first.ref} and by {second.ref}: they overwrite each other",
                "keep one autoscaler and put the metrics of both into it",
            )


def _same_target(first: Autoscaler, second: Autoscaler) -> bool:
    named = [found for scaler in (first, second) for found in (scaler.target.kind, scaler.target.name)]
    if any(isinstance(part, Unknown) for part in named) or not same_namespace(first.ref.namespace, second.ref.namespace):
        return False
    if (first.ref.kind, first.ref.name) == (second.ref.kind, second.ref.name):
        return False
    return named[:2] == named[2:]


def _takes_over(autoscaler: Autoscaler) -> bool:
    """Whether a ScaledObject says that it takes over an HPA that exists."""
    return not isinstance(autoscaler.annotations, Unknown) and autoscaler.annotations.get(_TRANSFER) == "true"
