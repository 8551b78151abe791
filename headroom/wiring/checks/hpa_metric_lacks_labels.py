"""The series behind the HPA's metric has not the labels by which the adapter finds its pods or object.

prometheus-adapter answers for a pod (or for the object of an Object metric) by the labels of the series: its rule maps labels to
Kubernetes resources, usually `namespace` and `pod`. An aggregation keeps only the labels that it names: `sum by (pod)` has lost the
namespace, `sum(…)` without `by` has lost both.

## Why it matters

The adapter does not list the metric for that resource. The HPA reads `<unknown>` although a query by hand shows a number.

## How to mend it

Keep the labels in the recording rule: `sum by (namespace, pod) (…)`. A series of the whole server has no `pod` label: read it as an
Object metric, with a label that names the object.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from headroom.wiring import adapter, promql
from headroom.wiring.chain import Link, asked, links
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error
from headroom.wiring.labels import ANY_LABELS, LabelSet
from headroom.wiring.series import labels_of
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, name in asked(facts):
        verdicts = [_judge(facts, link, name) for link in links(facts, autoscaler, metric)]
        # Any one rule that can answer is enough.
        yield from (verdict for verdict in verdicts[:1] if verdict and all(verdicts))


def _judge(facts: Facts, link: Link, name: str) -> Verdict | None:
    described = link.metric.described[0] if link.metric.described else "Pod"
    if isinstance(described, Unknown):
        return None
    if link.metric.kind != "External" and not link.group_by:
        return error(
            link.metric.place,
            f"the adapter's rule for {name} maps no label to the resource {described.lower()}, so it offers the metric for none",
            f"map a label to {described.lower()} in the rule's resources.overrides",
        )
    labels = reduce(LabelSet.both, (labels_of(facts, taken) for taken in link.asked if taken.name == link.series), ANY_LABELS)
    missing = sorted(label for label in _needed(link) if labels.has(label) is False)
    if not missing:
        return _of_query(link, name, labels)
    return error(
        link.metric.place,
        f"the series {link.series} behind {name} has no label {' and no label '.join(missing)}: the adapter cannot tell whose it is",
        f"keep {', '.join(missing)} in the expression that makes {link.series}: by (…, {', '.join(missing)})",
    )


def _of_query(link: Link, name: str, labels: LabelSet) -> Verdict | None:
    """Whether the rule's query loses the label that the series has."""
    if link.metric.kind == "External" or link.tree is None or promql.labels(link.tree, lambda _: labels).has(link.group_by) is not False:
        return None
    return error(
        link.rule.place,
        f"the adapter's query for {name} loses the label {link.group_by}: one number for all, and the adapter cannot tell whose it is",
        "aggregate by (<<.GroupBy>>) in the rule's metricsQuery",
    )


def _needed(link: Link) -> frozenset[str]:
    if link.metric.kind == "External":
        return adapter.required_labels(link.rule)
    namespace = adapter.label_of(link.rule, "namespace")
    return adapter.required_labels(link.rule) | {link.group_by} | ({namespace} if namespace else set())
