"""What holds data, or everything that runs, can be deleted by one update.

A volume claim, a bucket, a file system, a cluster. Judged where Pulumi's options are known: in a policy pack, a preview or an exported
stack.

## Why it matters

A name that changes, or a stack that is destroyed by mistake, deletes the models that took hours to build, or the cluster with all that
runs in it. Nothing asks twice.

## How to mend it

Give the resource `protect=True`, or `retain_on_delete=True` where it shall outlive its stack.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, warning


def check(facts: Facts) -> Iterator[Verdict]:
    for kept in facts.kept:
        if kept.protected is False:
            yield warning(
                kept.place, f"{kept.ref} is deleted by any update that drops or replaces it", "set protect=True, or retain_on_delete=True"
            )
