"""The stacks of this repository are wired, and breaking any link of one is found."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.report.stack_findings import platform_of, stack_findings
from headroom.settings import load
from headroom.wiring import Document, Finding, Severity, verify

STACKS = Path(__file__).parents[2] / "stacks"
FILES = sorted(STACKS.glob("Pulumi.*.yaml"))

Objects = dict[str, Any]
Break = Callable[[Objects, Objects], None]
"""Spoils the objects by kind, and the platform's values by chart."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_stack_has_no_error_and_no_warning_of_wiring_or_baseline(path: Path) -> None:
    settings = load(path)
    assert [
        finding for finding in stack_findings(settings, render(settings), security=True) if finding.severity is not Severity.UNKNOWN
    ] == []


def test_the_local_stack_leaves_nothing_open() -> None:
    settings = load(STACKS / "Pulumi.local.yaml")
    assert stack_findings(settings, render(settings), security=True) == []


def rename_rule(objects: Objects, _: Objects) -> None:
    for rule in objects["PrometheusRule"]["spec"]["groups"][0]["rules"]:
        rule["record"] = rule["record"].replace("queue_time", "queue_wait")


def drop_rule_label(objects: Objects, _: Objects) -> None:
    for rule in objects["PrometheusRule"]["spec"]["groups"][0]["rules"]:
        rule["expr"] = rule["expr"].replace("by (namespace, server)", "by (namespace)")


def move_monitor_port(objects: Objects, _: Objects) -> None:
    objects["PodMonitor"]["spec"]["podMetricsEndpoints"][0]["port"] = "prometheus"


def scrape_requests_port(objects: Objects, _: Objects) -> None:
    objects["PodMonitor"]["spec"]["podMetricsEndpoints"][0]["port"] = "http"


def select_other_pods(objects: Objects, _: Objects) -> None:
    objects["PodMonitor"]["spec"]["selector"]["matchLabels"]["app.kubernetes.io/instance"] = "other"


def forget_relabeling(objects: Objects, _: Objects) -> None:
    del objects["PodMonitor"]["spec"]["podMetricsEndpoints"][0]["relabelings"]


def scrape_slowly(objects: Objects, _: Objects) -> None:
    objects["PodMonitor"]["spec"]["podMetricsEndpoints"][0]["interval"] = "1m"


def break_adapter_rule(_: Objects, values: Objects) -> None:
    values["prometheus-adapter"]["rules"]["custom"][1]["seriesQuery"] = '{__name__=~"^other:.*",namespace!="",server!=""}'


def rename_in_adapter(_: Objects, values: Objects) -> None:
    values["prometheus-adapter"]["rules"]["custom"][1]["name"]["as"] = "renamed_$1"


def take_labelled_rules_only(_: Objects, values: Objects) -> None:
    values["kube-prometheus-stack"]["prometheus"]["prometheusSpec"]["ruleSelectorNilUsesHelmValues"] = True


def take_labelled_monitors_only(_: Objects, values: Objects) -> None:
    values["kube-prometheus-stack"]["prometheus"]["prometheusSpec"]["podMonitorSelectorNilUsesHelmValues"] = True


def scale_something_else(objects: Objects, _: Objects) -> None:
    objects["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] = "other"


def ask_as_pods_metric(objects: Objects, _: Objects) -> None:
    metric = objects["HorizontalPodAutoscaler"]["spec"]["metrics"][0]["object"]["metric"]
    objects["HorizontalPodAutoscaler"]["spec"]["metrics"] = [
        {"type": "Pods", "pods": {"metric": metric, "target": {"type": "AverageValue", "averageValue": "200m"}}}
    ]


def want_more_than_the_pool(objects: Objects, _: Objects) -> None:
    objects["HorizontalPodAutoscaler"]["spec"]["maxReplicas"] = 9


def forget_toleration(objects: Objects, _: Objects) -> None:
    objects["Deployment"]["spec"]["template"]["spec"]["tolerations"] = []


def declare_replicas(objects: Objects, _: Objects) -> None:
    objects["Deployment"]["spec"]["replicas"] = 1


def close_the_metrics_port(objects: Objects, _: Objects) -> None:
    (port,) = objects["NetworkPolicy"]["spec"]["ingress"][0]["ports"]
    port["port"] = 8000


BREAKS: list[tuple[Break, str]] = [
    (rename_rule, "hpa-metric-not-recorded"),
    (drop_rule_label, "hpa-metric-lacks-labels"),
    (move_monitor_port, "monitor-port-missing"),
    (scrape_requests_port, "monitor-misses-engine-metrics"),
    (select_other_pods, "server-not-scraped"),
    (forget_relabeling, "engine-label-missing"),
    (scrape_slowly, "rate-window-short"),
    (break_adapter_rule, "hpa-metric-not-served"),
    (rename_in_adapter, "hpa-metric-not-served"),
    (take_labelled_rules_only, "rule-not-selected"),
    (take_labelled_monitors_only, "monitor-not-selected"),
    (scale_something_else, "autoscaler-target-missing"),
    (ask_as_pods_metric, "hpa-metric-lacks-labels"),
    (want_more_than_the_pool, "maximum-exceeds-pool"),
    (forget_toleration, "pod-fits-no-pool"),
    (declare_replicas, "replicas-declared"),
    (close_the_metrics_port, "scrape-blocked"),
]


def found_in_local(spoil: Break) -> list[Finding]:
    """What is wrong with the stack `local`, spoiled."""
    settings = load(STACKS / "Pulumi.local.yaml")
    objects = deepcopy(render(settings).objects)
    platform = [Document(deepcopy(dict(values.body)), release=values.release) for values in platform_of(settings)]
    spoil(
        {item["kind"]: item for item in objects},
        dict(zip(("kube-prometheus-stack", "prometheus-adapter"), (p.body for p in platform), strict=True)),
    )
    return verify([*objects, *platform], closed=True)


@pytest.mark.parametrize(("spoil", "check"), BREAKS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_broken_link_of_the_local_stack_is_found(spoil: Break, check: str) -> None:
    assert check in {finding.check for finding in found_in_local(spoil)}


def test_a_maximum_beyond_the_pool_names_what_the_nodes_lack() -> None:
    (found,) = [finding for finding in found_in_local(want_more_than_the_pool) if finding.check == "maximum-exceeds-pool"]
    assert "may ask for 9 replicas; the nodes have nvidia.com/gpu for 5" in found.message
