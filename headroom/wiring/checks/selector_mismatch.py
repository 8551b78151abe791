"""A workload does not select its own pods.

`spec.selector` must select the labels of `spec.template`.

## Why it matters

The API server refuses the workload.

## How to mend it

Make `spec.selector.matchLabels` a part of `spec.template.metadata.labels`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.selectors import show


def check(facts: Facts) -> Iterator[Verdict]:
    for workload in facts.workloads:
        if workload.selector is not None and workload.selector.matches(workload.pod_labels) is False:
            yield error(
                workload.place,
                f"{workload.ref} selects {workload.selector}; its pods have {show(workload.pod_labels)}",
                "make the selector a part of the template's labels",
            )
