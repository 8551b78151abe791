"""The engine is no longer maintained.

## Why it matters

Holes that are found in it stay open. A model server takes what anybody sends, and this one will not be mended.

## How to mend it

Move to a maintained engine. Until then acknowledge it, with a reason and an end: annotate the workload with
`headroom.dev/ignore-engine-unmaintained: "<reason>, until <date>"`; in a stack file that is the server's setting `acknowledge`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.series import engines


def check(facts: Facts) -> Iterator[Verdict]:
    for workload, found in engines(facts):
        if found.family.ended:
            yield error(
                workload.place,
                f"{workload.ref} runs {found.engine.title}, which is no longer maintained: {found.family.ended}",
                "move to a maintained engine, or acknowledge it with a reason and an end",
            )
