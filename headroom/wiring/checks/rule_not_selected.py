"""Prometheus does not take the rules.

A Prometheus of the operator takes PrometheusRules whose labels its `ruleSelector` selects, in the namespaces of `ruleNamespaceSelector`.
The chart kube-prometheus-stack fills an empty selector with `release: <its release>`, unless `ruleSelectorNilUsesHelmValues` is false:
switching this off for monitors alone leaves the rules behind.

## Why it matters

The recorded series do not exist, and the HPA that asks for one reads `<unknown>`. Alerts in the same object never fire.

## How to mend it

Put the label on the PrometheusRule that Prometheus selects by, or set `ruleSelectorNilUsesHelmValues` to false.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict
from headroom.wiring.selection import judge


def check(facts: Facts) -> Iterator[Verdict]:
    objects = {rule.owner: rule for rule in reversed(facts.rules) if rule.owner.kind == "PrometheusRule"}
    for rule in objects.values():
        yield from judge(facts, "rules", rule.owner, rule.owner_labels, rule.owner_place)
