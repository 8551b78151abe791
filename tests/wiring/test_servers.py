"""Servers share the names of recorded series: what is wrong with one is found beside another that is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.report.stack_findings import platform_of
from headroom.settings import load
from headroom.wiring import Document, Severity, verify

STACK = """
config:
  headroom:cluster: {{provider: kwok}}
  headroom:pools:
    l4: {{machine: g6.2xlarge, max: 12}}
  headroom:platform:
    monitoring: {{mode: helm, grafana: none{monitoring}}}
    keda: {keda}
    prometheusAdapter: {adapter}
    metricsServer: none
  headroom:servers:
    alpha: &server
      engine: triton
      image: nvcr.io/nvidia/tritonserver:25.06-py3
      pool: l4
      models: s3://bucket/models
      autoscaling: {{backend: {backend}, replicas: {{min: 1, max: 4}}, signals: {{queue-time: 200ms, requests-waiting: 3}}}}
    beta: *server
"""
BY_BACKEND = {"keda": {"keda": "helm", "adapter": "none"}, "hpa": {"keda": "none", "adapter": "helm"}}
MISSING = {"keda": "trigger-series-missing", "hpa": "hpa-metric-not-recorded"}

Object = dict[str, Any]


class World:
    """The objects of a stack with two servers, and the values of its charts: `alpha`'s are spoiled."""

    def __init__(self, directory: Path, backend: str, monitoring: str = ""):
        file = directory / "Pulumi.two.yaml"
        file.write_text(STACK.format(backend=backend, monitoring=monitoring, **BY_BACKEND[backend]))
        settings = load(file)
        self.objects: list[Object] = deepcopy(list(render(settings).objects))
        self.platform = [replace(values, body=deepcopy(dict(values.body))) for values in platform_of(settings)]

    def of(self, kind: str, name: str = "alpha") -> Object:
        return next(item for item in self.objects if (item["kind"], item["metadata"]["name"]) == (kind, name))

    def rules(self) -> list[Object]:
        return self.of("PrometheusRule")["spec"]["groups"][0]["rules"]

    def rewrite(self, was: str, becomes: str) -> None:
        """Changes every expression of the rules in which `was` stands."""
        assert any(was in rule["expr"] for rule in self.rules())
        for rule in self.rules():
            rule["expr"] = rule["expr"].replace(was, becomes)

    def endpoint(self) -> Object:
        return self.of("PodMonitor")["spec"]["podMetricsEndpoints"][0]

    def ask(self, was: str, becomes: str) -> None:
        """Changes every query of the triggers."""
        for trigger in self.of("ScaledObject")["spec"]["triggers"]:
            assert was in trigger["metadata"]["query"]
            trigger["metadata"]["query"] = trigger["metadata"]["query"].replace(was, becomes)

    def values(self, chart: int) -> Mapping[str, Any]:
        return self.platform[chart].body

    def errors(self) -> set[str]:
        return {found.check for found in self.findings() if found.severity is Severity.ERROR}

    def findings(self) -> list[Any]:
        return [found for found in verify([*self.objects, *self.platform], closed=True) if found.severity is not Severity.UNKNOWN]


def remove_the_rules(world: World) -> None:
    world.objects.remove(world.of("PrometheusRule"))


def rename_the_series(world: World) -> None:
    for rule in world.rules():
        rule["record"] = rule["record"].replace("queue_time", "queue_wait").replace("requests_waiting", "requests_queued")


def read_an_unknown_series(world: World) -> None:
    world.rewrite("nv_inference_pending_request_count", "totally_other_thing")


def misspell_up(world: World) -> None:
    world.rewrite("up{", "upp{")


def remove_the_relabeling(world: World) -> None:
    del world.endpoint()["relabelings"]


def relabel_to_another_label(world: World) -> None:
    world.endpoint()["relabelings"][0]["targetLabel"] = "srv"


def relabel_from_a_label_that_is_not_there(world: World) -> None:
    world.endpoint()["relabelings"][0]["sourceLabels"] = ["__meta_kubernetes_pod_label_app_kubernetes_io_instanze"]


def record_another_server(world: World) -> None:
    world.rewrite('server="alpha"', 'server="alfa"')


def count_scrapes_of_another_server(world: World) -> None:
    world.rewrite('up{namespace="inference", server="alpha"', 'up{namespace="inference", server="alfa"')


def count_scrapes_by_a_label_that_is_not_there(world: World) -> None:
    world.rewrite('up{namespace="inference", server="alpha"', 'up{namespace="inference", servr="alpha"')


def drop_the_pod(world: World) -> None:
    world.endpoint()["metricRelabelings"] = [{"action": "labeldrop", "regex": "pod"}]


def keep_other_targets(world: World) -> None:
    world.endpoint()["relabelings"].append({"action": "keep", "sourceLabels": ["__meta_kubernetes_pod_label_team"], "regex": "x"})


def evaluate_rarely(world: World) -> None:
    world.of("PrometheusRule")["spec"]["groups"][0]["interval"] = "10m"


def look_for_scrapes_too_briefly(world: World) -> None:
    world.rewrite("[75s]", "[20s]")


def allow_another_namespace(world: World) -> None:
    selector = world.of("NetworkPolicy")["spec"]["ingress"][0]["from"][0]["namespaceSelector"]
    selector["matchLabels"] = {"kubernetes.io/metadata.name": "elsewhere"}


Break = Callable[[World], None]

BREAKS: list[tuple[Break, str]] = [
    (remove_the_rules, ""),
    (rename_the_series, ""),
    (read_an_unknown_series, ""),
    (misspell_up, ""),
    (remove_the_relabeling, "engine-label-missing"),
    (relabel_to_another_label, "engine-label-missing"),
    (relabel_from_a_label_that_is_not_there, "engine-label-missing"),
    (record_another_server, "expression-excludes-server"),
    (count_scrapes_of_another_server, "expression-excludes-server"),
    (count_scrapes_by_a_label_that_is_not_there, "engine-label-missing"),
    (drop_the_pod, "sides-never-match"),
    (keep_other_targets, "monitor-drops-metric"),
    (evaluate_rarely, "window-below-interval"),
    (look_for_scrapes_too_briefly, "window-below-interval"),
    (allow_another_namespace, "scrape-blocked"),
]


@pytest.mark.parametrize("backend", BY_BACKEND)
def test_two_servers_that_are_right_are_not_complained_about(tmp_path: Path, backend: str) -> None:
    assert World(tmp_path, backend).findings() == []


@pytest.mark.parametrize("backend", BY_BACKEND)
@pytest.mark.parametrize(("spoil", "check"), BREAKS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_of_one_server_is_found_beside_another(tmp_path: Path, spoil: Break, check: str, backend: str) -> None:
    world = World(tmp_path, backend)
    spoil(world)
    assert (check or MISSING[backend]) in world.errors()
    assert not any(found.place.object.name == "beta" for found in world.findings())


@pytest.mark.parametrize(("backend", "check"), [("keda", "trigger-series-missing"), ("hpa", "hpa-metric-lacks-labels")])
def test_a_series_that_loses_the_servers_label_is_found_beside_another(tmp_path: Path, backend: str, check: str) -> None:
    world = World(tmp_path, backend)
    world.rewrite("by (namespace, server)", "by (namespace)")
    assert check in world.errors()


def test_a_series_that_loses_the_pods_label_is_found_beside_another(tmp_path: Path) -> None:
    world = World(tmp_path, "hpa")
    world.rewrite("by (namespace, pod, server)", "by (namespace, server)")
    assert "hpa-metric-lacks-labels" in world.errors()


@pytest.mark.parametrize(
    ("was", "becomes", "check"),
    [
        ('server="alpha"', 'server="alfa"', "trigger-series-missing"),
        ('namespace="inference"', 'namespace="default"', "trigger-series-missing"),
        ('server="alpha"', 'server="beta"', "query-reads-strangers"),
    ],
)
def test_a_trigger_that_asks_for_another_servers_series_is_found(tmp_path: Path, was: str, becomes: str, check: str) -> None:
    world = World(tmp_path, "keda")
    world.ask(was, becomes)
    assert world.errors() == {check}


def test_a_trigger_that_asks_for_every_servers_series_is_warned_of(tmp_path: Path) -> None:
    world = World(tmp_path, "keda")
    world.ask(', server="alpha"', "")
    assert {(found.check, found.severity) for found in world.findings()} == {("query-reads-strangers", Severity.WARNING)}


def test_a_metric_that_describes_another_servers_service_is_found(tmp_path: Path) -> None:
    world = World(tmp_path, "hpa")
    world.of("HorizontalPodAutoscaler")["spec"]["metrics"][0]["object"]["describedObject"]["name"] = "beta"
    assert world.errors() == {"query-reads-strangers"}


@pytest.mark.parametrize(
    "address",
    [
        "http://monitoring-prometheus.elsewhere.svc:9090",
        "http://prometheus-operated.elsewhere.svc:9090",
        "http://prometheus.monitoring.svc:9090",
        "http://monitoring-prometheus.monitoring.svc:9091",
    ],
)
def test_a_trigger_that_asks_where_no_prometheus_is_is_found(tmp_path: Path, address: str) -> None:
    world = World(tmp_path, "keda")
    for trigger in world.of("ScaledObject")["spec"]["triggers"]:
        trigger["metadata"]["serverAddress"] = address
    assert world.errors() == {"trigger-address-unusable"}


@pytest.mark.parametrize(("key", "value"), [("url", "http://prometheus.monitoring.svc"), ("port", 9999), ("path", "/prom")])
def test_an_adapter_that_asks_where_no_prometheus_is_is_found(tmp_path: Path, key: str, value: object) -> None:
    world = World(tmp_path, "hpa")
    world.values(1)["prometheus"][key] = value
    assert world.errors() == {"adapter-address-unusable"}


def test_an_adapter_that_asks_another_store_of_the_cluster_is_right(tmp_path: Path) -> None:
    world = World(tmp_path, "hpa")
    prometheus = world.values(1)["prometheus"]
    prometheus["url"], prometheus["port"] = "http://thanos-query.thanos.svc", 10902
    assert world.errors() == set()


@pytest.mark.parametrize("backend", BY_BACKEND)
@pytest.mark.parametrize(
    "overrides",
    [
        "fullnameOverride: prom",
        "prometheus: {service: {port: 80}}",
        "prometheus: {enabled: false}",
        "prometheus: {prometheusSpec: {routePrefix: /prom}}",
    ],
)
def test_an_override_that_moves_prometheus_from_where_it_is_asked_is_found(tmp_path: Path, overrides: str, backend: str) -> None:
    world = World(tmp_path, backend, f", overrides: {{{overrides}}}")
    assert world.errors() == {{"keda": "trigger-address-unusable", "hpa": "adapter-address-unusable"}[backend]}


def test_an_adapter_that_looks_back_less_than_an_evaluation_is_found(tmp_path: Path) -> None:
    world = World(tmp_path, "hpa")
    for rule in world.values(1)["rules"]["custom"]:
        rule["metricsQuery"] = rule["metricsQuery"].replace("[60s]", "[1s]")
    assert world.errors() == {"window-below-interval"}


def test_a_namespace_that_prometheus_does_not_look_into_is_told_with_its_remedy(tmp_path: Path) -> None:
    world = World(tmp_path, "keda")
    world.values(0)["prometheus"]["prometheusSpec"]["podMonitorNamespaceSelector"] = {"matchLabels": {"team": "x"}}
    found = {finding.fix for finding in world.findings() if finding.check == "monitor-not-selected"}
    assert found == {"give the namespace the labels that Prometheus selects, or let its namespace selector take it"}


PROMETHEUS = {"prometheus": {"prometheusSpec": {"scrapeInterval": "15s"}}}
TRAEFIK = {"ports": {"web": {"exposedPort": 80}}}


def woken_by(expr: str | None, *charts: Mapping[str, Any]) -> list[Severity]:
    """What is said of the series behind the trigger that wakes a server, by what `expr` counts; None records nothing."""
    asked = 'max by (namespace, server) (headroom:demand:server{namespace="a", server="b"})'
    rules: list[Object] = [{"record": "headroom:asked:server", "expr": asked}]
    if expr:
        rules.append({"record": "headroom:demand:server", "expr": expr, "labels": {"namespace": "a", "server": "b"}})
    query = {"query": 'max(headroom:asked:server{namespace="a", server="b"})', "serverAddress": "http://p.q.svc:9090", "threshold": "1"}
    objects = [
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": "b", "namespace": "a"},
            "spec": {"groups": [{"name": "b", "interval": "15s", "rules": rules}]},
        },
        {
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "ScaledObject",
            "metadata": {"name": "b", "namespace": "a"},
            "spec": {"scaleTargetRef": {"name": "b"}, "triggers": [{"type": "prometheus", "metadata": query}]},
        },
    ]
    found = verify([*map(Document, objects), *map(Document, charts)], closed=True)
    return [finding.severity for finding in found if finding.check == "trigger-series-missing"]


def test_a_server_that_nothing_wakes_any_more_is_found() -> None:
    assert woken_by(None) == [Severity.ERROR]


def test_what_wakes_a_server_may_be_counted_by_anything() -> None:
    """A query that a stack's owner gives may read what no manifest of the stack exports."""
    assert woken_by("sum(queue_messages_ready)") == [Severity.UNKNOWN]


@pytest.mark.parametrize(
    ("series", "charts", "said"),
    [
        ("traefik_router_requests_total", [TRAEFIK], []),
        ("traefik_router_requests_total", [], [Severity.UNKNOWN]),
        ("traefik_router_request_total", [TRAEFIK], [Severity.ERROR]),
        ("kube_pod_status_ready", [PROMETHEUS], []),
        ("kube_pod_status_ready", [{**PROMETHEUS, "kubeStateMetrics": {"enabled": False}}], [Severity.UNKNOWN]),
        ("kube_pod_status_redy", [PROMETHEUS], [Severity.ERROR]),
        ("kube_job_failed", [PROMETHEUS], [Severity.UNKNOWN]),
    ],
)
def test_what_a_platform_exports_is_known_by_its_names(series: str, charts: list[Mapping[str, Any]], said: list[Severity]) -> None:
    assert woken_by(f"sum(rate({series}[1m]))", *charts) == said
