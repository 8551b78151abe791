"""An exporter tells whose pod it speaks of, and the scrape writes the exporter's own pod over it.

Series about other pods (of the DCGM exporter, of kube-state-metrics) have labels `namespace` and `pod`. Without `honorLabels: true` the
scrape's own take their place, and the series' become `exported_namespace` and `exported_pod`.

## Why it matters

The GPU's load belongs to a pod of the exporter. The autoscaler asks for its server's pods and gets "no metrics returned", or one number for
all of them.

## How to mend it

Set `honorLabels: true` on the exporter's monitor, or read `exported_pod` and `exported_namespace` and rename them with `label_replace`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring import promql
from headroom.wiring.chain import Query, queries
from headroom.wiring.facts import Facts, Monitor
from headroom.wiring.finding import Verdict
from headroom.wiring.relabeling import Relabeling
from headroom.wiring.values import Unknown

_EXPORTERS = {"DCGM_FI_": "dcgm", "kube_pod_": "kube-state-metrics"}
"""Series that speak of other pods, and what their exporter's monitor is called or selects."""


def check(facts: Facts) -> Iterator[Verdict]:
    for query in queries(facts):
        for prefix, exporter in _EXPORTERS.items():
            monitor = next((found for found in facts.monitors if _is_of(found, exporter)), None)
            if query.steers and monitor and _overwrites(monitor) and _reads(query, prefix):
                yield query.fault(
                    f"{query.subject} reads {prefix}… by pod, and {monitor.ref} writes the exporter's own pod over it",
                    "set honorLabels: true on the monitor, or read exported_pod",
                )


def _is_of(monitor: Monitor, exporter: str) -> bool:
    return exporter in monitor.ref.name or exporter in str(monitor.selector)


def _overwrites(monitor: Monitor) -> bool:
    return any(
        found.honors_labels is False and not any(map(_may_change, (*found.relabelings, *found.metric_relabelings)))
        for found in monitor.endpoints
    )


def _may_change(rule: Relabeling) -> bool:
    """Whether a relabeling may write the pod, or leave such series out."""
    return rule.action not in ("replace", "lowercase", "uppercase", "hashmod") or isinstance(rule.target, Unknown) or rule.target == "pod"


def _reads(query: Query, prefix: str) -> bool:
    read = any(use.name and use.name.startswith(prefix) for use in promql.uses(query.tree))
    text = query.tree.prettify()
    return read and "pod" in text and "exported_" not in text
