"""A trigger's query reads a series that nothing makes.

The series is neither recorded by a rule nor exported by an engine, though the files should say.

## Why it matters

A query for a series that does not exist is no error in Prometheus: it is empty. With `ignoreNullValues: "false"` the trigger fails and the
replicas stay where they are; without it KEDA reads 0 and takes them away. This is what a renamed or misspelt recording rule looks like.

## How to mend it

Use the same name in the recording rule and in the trigger. If the series comes from somewhere else, verify those files together with
this one.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.names import SERIES_PREFIX
from headroom.wiring import promql
from headroom.wiring.chain import Asking, askings
from headroom.wiring.engines import known_metric, meant_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.likeness import slip_of
from headroom.wiring.series import OF_PROMETHEUS, exporters, known_names, recordings
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in askings(facts):
        for name in dict.fromkeys(use.name for use in promql.uses(asking.tree) if use.name):
            if name not in recordings(facts) and name not in OF_PROMETHEUS and not exporters(facts, name) and not meant_metric(name):
                yield _missing(facts, asking, name)


def _missing(facts: Facts, asking: Asking, name: str) -> Verdict:
    meant = slip_of(name, known_names(facts))
    unread = any(isinstance(rule.record, Unknown) for rule in facts.rules)
    if (meant or name.startswith(SERIES_PREFIX)) and not unread:
        return error(
            asking.trigger.place,
            f"the series {name} is recorded by no rule and exported by no known engine, so the trigger reads nothing",
            f"use {meant}" if meant else "record the series under this name, or ask for one that is recorded",
        )
    if known_metric(name):
        return cannot_tell(
            asking.trigger.place,
            f"whether the series {name} is exported: no pod in the files is known to run what exports it",
            "verify the manifest of the server together with this object",
        )
    return cannot_tell(
        asking.trigger.place,
        f"whether the series {name} exists: no rule in the files records it and no engine of the catalogue exports it",
        "verify the rule or the exporter that makes it together with this object",
    )
