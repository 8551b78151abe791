"""A trigger's query reads a series that nothing makes.

The series, or one from which it is recorded, is neither recorded by a rule nor exported by an engine, though the files should say; or it
is recorded without a label that the query asks for, or with another value: for another server.

## Why it matters

A query for a series that does not exist is no error in Prometheus: it is empty. With `ignoreNullValues: "false"` the trigger fails and the
replicas stay where they are; without it KEDA reads 0 and takes them away. This is what a renamed or misspelt recording rule looks like.

## How to mend it

Use the same name in the recording rule and in the trigger. If the series comes from somewhere else, verify those files together with
this one.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import Asking, askings
from headroom.wiring.engines import meant_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.missing import missing
from headroom.wiring.selected import Selected
from headroom.wiring.series import labels_of, made_by


def check(facts: Facts) -> Iterator[Verdict]:
    for asking in askings(facts):
        # A slip of an engine's metric is told by engine-metric-missing.
        asked = tuple(wanted for wanted in asking.asked if not meant_metric(wanted.name))
        yield from missing(facts, asked, asking.trigger.place, "the trigger's value")
        for wanted in dict.fromkeys(asked):
            yield from _labels(facts, asking, wanted)


def _labels(facts: Facts, asking: Asking, wanted: Selected) -> Iterator[Verdict]:
    """Whether a recorded series has the labels that the query asks for."""
    have = labels_of(facts, wanted)
    for label, op, value in wanted.matchers if made_by(facts, wanted) else ():
        if have.has(label) is False and promql.accepts(op, value, "") is False:
            yield error(
                asking.trigger.place,
                f"the query asks for {label}{op}{value!r} of {wanted.name}, which is recorded without the label {label}",
                f"keep {label} in the expression that records it: by (…, {label})",
            )
