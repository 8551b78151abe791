"""Whether a series that an autoscaler's metric is made of exists: recorded with the labels that are asked for, or exported."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.names import DEMAND, SERIES_PREFIX
from headroom.wiring import exporters as platform
from headroom.wiring.document import Place
from headroom.wiring.engines import known_metric, meant_metric
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.likeness import slip_of
from headroom.wiring.selected import Selected
from headroom.wiring.selectors import show
from headroom.wiring.series import (
    OF_PROMETHEUS,
    Step,
    exporters,
    known_names,
    made_by,
    reads,
    recordings,
    steps,
    values_of,
)
from headroom.wiring.values import Unknown

_SHOWN = 3
"""Of the servers that a series is recorded for, how many a message names."""


def missing(facts: Facts, asked: tuple[Selected, ...], place: Place, metric: str) -> Iterator[Verdict]:
    """What is not there of all that `asked` is made of. `place` is that of the metric, which is called so in the messages."""
    for step in steps(facts, asked):
        yield from judge(facts, step, place, metric)


def judge(facts: Facts, step: Step, metric_place: Place, metric: str) -> Iterator[Verdict]:
    series, place = step.wanted.name, step.rule.expr_place if step.rule else metric_place
    told_where_it_stands = step.rule and meant_metric(series)  # by engine-metric-missing
    if made_by(facts, step.wanted) or series in OF_PROMETHEUS or exporters(facts, series) or told_where_it_stands:
        return
    if platform.BY.get(series) in _brought(facts):
        return
    subject = f"the series {series}" + ("" if series == metric else f", from which {metric} is made,")
    if series in recordings(facts):
        yield from _of_others(facts, step.wanted, place, subject)
    elif known_metric(series) or series in platform.BY:
        yield cannot_tell(
            place,
            f"whether {subject} is exported: nothing in the files is known to export it",
            "verify the manifest of the server together with this object",
        )
    else:
        # Whoever is to be woken may be asked for by anything, which counts it in its own way.
        of_platform = series.startswith(tuple(platform.PREFIXES))
        closed = facts.closed and not of_platform and not (step.rule and step.rule.record == DEMAND)
        yield _unmade(facts, series, place, subject, closed=closed)


def _of_others(facts: Facts, wanted: Selected, place: Place, subject: str) -> Iterator[Verdict]:
    """A series that is recorded, but not for what is asked."""
    said = ", ".join(f"{label}{op}{value!r}" for label, op, value in wanted.matchers)
    others = "; ".join(list(dict.fromkeys(show(values_of(facts, rule)) for rule in recordings(facts)[wanted.name]))[:_SHOWN])
    # Elsewhere there may be the rules of more servers.
    if (facts.closed or wanted.name.startswith(SERIES_PREFIX)) and not _unread(facts):
        yield error(
            place,
            f"{subject} is recorded for {others}, and not for {said}: there is no such element",
            "record it for this server too, or ask for the labels under which it is recorded",
        )
    else:
        yield cannot_tell(
            place,
            f"whether {subject} is recorded for {said}: the rules in the files record it for {others}",
            "verify the rule that makes it together with this object",
        )


def _unmade(facts: Facts, series: str, place: Place, subject: str, *, closed: bool) -> Verdict:
    meant = slip_of(series, known_names(facts) | set(platform.BY))
    if _for_certain(facts, series, closed=closed) or (meant is not None and not _unread(facts)):
        return error(
            place,
            f"{subject} is recorded by no rule and exported by no known engine: there is nothing to read",
            f"use {meant}" if meant else "record the series under this name, or ask for one that is recorded",
        )
    return cannot_tell(
        place,
        f"whether {subject} exists: no rule in the files records it and no engine of the catalogue exports it",
        "verify the rule or the exporter that makes it together with this object",
    )


def _for_certain(facts: Facts, series: str, *, closed: bool) -> bool:
    """Whether what is not in the files is not there."""
    return (closed or series.startswith(SERIES_PREFIX) or _belongs_to_rules(facts, series)) and not _unread(facts)


def _brought(facts: Facts) -> set[str]:
    """The parts of a platform that are there. Of one that is nowhere in the files rule-not-selected says so."""
    with_state = not facts.prometheuses or any(found.state_metrics for found in facts.prometheuses)
    return ({platform.STATE_METRICS} if with_state else set()) | ({platform.TRAEFIK} if facts.ingresses else set())


def _unread(facts: Facts) -> bool:
    return any(isinstance(rule.record, Unknown) for rule in facts.rules)


def _belongs_to_rules(facts: Facts, series: str) -> bool:
    """Whether the series has the prefix of recorded ones (`parrot:…`), and that is not a prefix of an exporter (`vllm:…`)."""
    read = {wanted.name for rule in facts.rules for wanted in reads(rule)} - set(recordings(facts))
    prefix, colon, _ = series.partition(":")
    recorded = any(name.startswith(f"{prefix}:") for name in recordings(facts))
    return bool(colon) and recorded and not any(name.startswith(f"{prefix}:") for name in read if name != series)
