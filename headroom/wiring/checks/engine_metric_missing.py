"""An expression reads a metric that the engine does not export at this version.

The catalogue knows an engine's series by version. Reported are names that the running version does not have, and names that differ from
a known one by a slip: another unit, a missing letter, another separator.

## Why it matters

A series that does not exist is an empty result, not an error: the recorded series is empty, the HPA reads `<unknown>`, and a dashboard
shows "No data".

## How to mend it

Use the name that the engine exports at the version of the image.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import Query, queries
from headroom.wiring.engines import exported, families_of_metric, known_metric, meant_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict
from headroom.wiring.series import engines, recordings


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for name in sorted({use.name for use in promql.uses(query.tree) if use.name}):
            if name not in recordings(facts):
                yield from _judge(facts, query, name)


def _judge(facts: Facts, query: Query, name: str) -> Iterator[Verdict]:
    if known_metric(name) is None:
        meant = meant_metric(name)
        if meant:
            yield query.fault(f"{query.subject} reads {name}, which no engine exports; {meant} is one", f"read {meant}")
        return
    families = families_of_metric(name)
    running = [found for _, found in engines(facts) if found.family in families]
    if running and all(found.version_known and not exported(found.engine, name) for found in running):
        engine = running[0].engine
        yield query.fault(
            f"{query.subject} reads {name}, which {engine.title} {'.'.join(map(str, engine.version))} does not export",
            "read a metric of this version, or run a version that exports it",
        )
