"""Two components want to serve the same metrics API.

Each of `metrics.k8s.io`, `custom.metrics.k8s.io` and `external.metrics.k8s.io` is one APIService with one backend. KEDA serves
`external.metrics.k8s.io`; so does prometheus-adapter as soon as it has external rules.

## Why it matters

The later installation takes the API away from the earlier one, or fails on the object it does not own. Every autoscaler of the loser
reads `<unknown>`.

## How to mend it

Leave external metrics to KEDA and give the adapter custom rules only.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error


def check(facts: Facts) -> Iterator[Verdict]:
    owners: dict[str, str] = {}
    for found in facts.apis:
        first = owners.setdefault(found.api, found.owner)
        if first != found.owner:
            yield error(found.place, f"{found.api} is registered for {first} and for {found.owner}", "keep one owner")
    scaled_by_keda = next((autoscaler for autoscaler in facts.autoscalers if not autoscaler.is_hpa), None)
    for adapter in facts.adapters:
        external = next((rule for rule in adapter.rules if rule.api == "external"), None)
        if scaled_by_keda and external:
            yield error(
                external.place,
                f"the adapter has external rules, and {scaled_by_keda.ref} needs KEDA: both serve external.metrics.k8s.io",
                "make the adapter's external rules custom rules, or scale by them with KEDA",
            )
