"""The server's pods fit no node that is known.

Compared are the node selector, the tolerations and the GPUs of one pod with the nodes in the files.

## Why it matters

Every pod stays Pending. The autoscaler adds more of them, which stay Pending too.

## How to mend it

Select labels that the nodes have, tolerate their taints (`nvidia.com/gpu`), ask for no more GPUs than one node has.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.pools import devices, misfit
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for workload in facts.workloads:
        wanted = devices(workload)
        if not facts.pools or isinstance(wanted, Unknown) or not wanted:
            continue
        reasons = [misfit(workload, wanted, pool) for pool in facts.pools]
        if any(reason is None for reason in reasons):
            continue
        doubt = next((reason for reason in reasons if isinstance(reason, Unknown)), None)
        if doubt is not None:
            yield cannot_tell(
                workload.place, f"whether the pods of {workload.ref} fit a node: {doubt.why}", "write placement and nodes out"
            )
        else:
            yield error(
                workload.place,
                f"the pods of {workload.ref} fit none of the {len(facts.pools)} nodes or pools: {reasons[0]}",
                "match node selector, tolerations and GPUs to a pool",
            )
