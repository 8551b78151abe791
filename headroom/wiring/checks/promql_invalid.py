"""An expression is not PromQL.

Checked are recording and alerting rules, and what prometheus-adapter sends after its template is filled in.

## Why it matters

The operator's webhook refuses the PrometheusRule; without the webhook Prometheus refuses to load the whole rule file, so every rule in
it is gone. A broken adapter rule gives an empty metrics API for its series.

## How to mend it

Mend the expression at the place that the message names. `promtool check rules` says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from headroom.wiring import adapter, promql
from headroom.wiring.facts import AdapterRule, Facts, Rule, Trigger
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.values import Unknown

_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")


def check(facts: Facts) -> Iterator[Verdict]:
    for rule in facts.rules:
        yield from _of_rule(rule)
    for found in facts.adapters:
        for rule in found.rules:
            yield from _of_adapter(rule)
    for trigger in (trigger for autoscaler in facts.autoscalers for trigger in autoscaler.triggers):
        yield from _of_trigger(trigger)


def _of_trigger(trigger: Trigger) -> Iterator[Verdict]:
    if isinstance(trigger.query, Unknown):
        yield cannot_tell(trigger.place, f"the trigger's query: {trigger.query.why}", "write the query out")
    elif trigger.query and promql.is_unfilled(trigger.query):
        yield cannot_tell(
            trigger.place, f"whether the trigger's query is PromQL once it is filled in: {trigger.query}", "write the query out"
        )
    elif trigger.query and (problem := _problem(trigger.query)):
        yield error(trigger.place, f"the trigger's query is not PromQL: {problem}", "mend the query")


def _of_rule(rule: Rule) -> Iterator[Verdict]:
    if isinstance(rule.record, str) and not _NAME.fullmatch(rule.record):
        yield error(rule.place, f"{rule.record!r} is not a name that a series can have", "use letters, digits, _ and :, no digit first")
    subject = rule.record if isinstance(rule.record, str) else rule.alert
    if isinstance(rule.expr, Unknown):
        yield cannot_tell(rule.expr_place, f"the expression of {subject}: {rule.expr.why}", "write the expression out")
    elif problem := _problem(rule.expr):
        yield error(rule.expr_place, f"the expression of {subject} is not PromQL: {problem}", "mend the expression")
    elif not promql.gives_instants(promql.parse(rule.expr)):
        yield error(rule.expr_place, f"the expression of {subject} gives a range, not a value per series", "take a function of the range")
    elif name := promql.experimental(promql.parse(rule.expr)):
        yield cannot_tell(
            rule.expr_place,
            f"whether Prometheus knows {name}(), which {subject} uses: it is experimental",
            "start Prometheus with --enable-feature=promql-experimental-functions, or do without it",
        )


def _of_adapter(rule: AdapterRule) -> Iterator[Verdict]:
    if problem := _problem(rule.series_query):
        yield error(rule.place, f"seriesQuery {rule.series_query} is not PromQL: {problem}", "mend the selector")
    query = adapter.query(rule, adapter.named_series(rule) or "a_series", adapter.label_of(rule, "pod") or "pod", "default")
    if isinstance(query, Unknown):
        yield cannot_tell(rule.place, f"what the rule asks Prometheus: {query.why}", "check metricsQuery against a Prometheus")
    elif problem := _problem(query):
        yield error(rule.place, f"metricsQuery becomes {query}, which is not PromQL: {problem}", "mend metricsQuery")


def _problem(text: str) -> str | None:
    try:
        promql.parse(text)
    except promql.InvalidPromQL as invalid:
        return str(invalid)
    return None
