"""Monitoring: what is installed on which kind of cluster, and the one address that everything else is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.distributions import DISTRIBUTIONS, EKS, EKS_AUTO, GKE, OTHER, Distribution
from headroom.catalog.names import DASHBOARD_LABEL
from headroom.desired import render
from headroom.desired.platform import add_ons, monitoring
from headroom.desired.platform.prometheus import endpoint
from headroom.report.stack_findings import stack_findings
from headroom.settings.platform import Monitoring, Platform
from tests.desired.monitored import stack
from tests.evidence import Proof

INSTALLED = {"mode": "helm", "grafana": "none"}
HIDDEN = ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy")
HIDDEN_RULES = ("etcd", "kubeControllerManager", "kubeSchedulerAlerting", "kubeSchedulerRecording", "kubeProxy")


def values(on: Distribution = EKS, **settings: Any) -> dict[str, Any]:
    return monitoring.values(Platform.model_validate({"monitoring": {"mode": "helm", **settings}}), on)


def spec(**settings: Any) -> dict[str, Any]:
    return values(**settings)["prometheus"]["prometheusSpec"]


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "http://prometheus-operated.monitoring.svc:9090"),
        ({"namespace": "observability"}, "http://prometheus-operated.observability.svc:9090"),
        ({"mode": "helm", "release": "kps", "namespace": "watch"}, "http://kps-prometheus.watch.svc:9090"),
        ({"url": "http://thanos.watch.svc:9091"}, "http://thanos.watch.svc:9091"),
        ({"url": "https://metrics.example.com/team/a"}, "https://metrics.example.com/team/a"),
        ({"url": "https://metrics.example.com:8443/prometheus"}, "https://metrics.example.com:8443/prometheus"),
    ],
)
def test_a_prometheus_is_asked_where_it_answers(settings: dict[str, Any], url: str) -> None:
    assert endpoint(Monitoring.model_validate(settings)).url == url


@pytest.mark.proves("what reads Prometheus follows the name of its release", Proof.SCHEMA)
@pytest.mark.parametrize(("release", "namespace"), [("monitoring", "monitoring"), ("another", "elsewhere")])
def test_everything_that_asks_follows_the_name_of_the_release(tmp_path: Path, release: str, namespace: str) -> None:
    settings = {"mode": "helm", "release": release, "namespace": namespace}
    ours = stack(tmp_path, settings, credentials=["grafana-admin"], prometheusAdapter="helm", keda="helm")
    wanted = render(ours)
    prometheus = wanted.platform["monitoring"].releases[-1]
    # The chart's templates: Service <fullname>-prometheus in the namespace of the release.
    service = f"http://{prometheus.values['fullnameOverride']}-prometheus.{prometheus.namespace}.svc"
    adapter = wanted.platform["prometheusAdapter"].releases[0].values["prometheus"]
    (keda,) = [server for server in wanted.servers if server.name == "by-keda"]
    assert {
        "trigger": keda.objects["autoscaler"]["spec"]["triggers"][0]["metadata"]["serverAddress"],
        "adapter": f"{adapter['url']}:{adapter['port']}{adapter['path']}",
        "grafana": prometheus.values["grafana"]["sidecar"]["datasources"]["url"],
    } == {"trigger": f"{service}:9090", "adapter": f"{service}:9090", "grafana": f"{service}:9090/"}


@pytest.mark.parametrize(("release", "namespace"), [("monitoring", "monitoring"), ("another", "elsewhere")])
def test_the_wiring_holds_whatever_the_release_is_called(tmp_path: Path, release: str, namespace: str) -> None:
    settings = {"mode": "helm", "release": release, "namespace": namespace}
    ours = stack(tmp_path, settings, credentials=["grafana-admin"], prometheusAdapter="helm", keda="helm")
    assert [finding for finding in stack_findings(ours, render(ours)) if finding.severity == "error"] == []


def test_the_verifier_sees_an_override_that_hides_the_monitors(tmp_path: Path) -> None:
    hidden = {"prometheus": {"prometheusSpec": {"podMonitorSelectorNilUsesHelmValues": True}}}
    ours = stack(tmp_path, {**INSTALLED, "overrides": hidden})
    assert "monitor-not-selected" in {finding.check for finding in stack_findings(ours, render(ours))}


@pytest.mark.parametrize("on", [on for on in DISTRIBUTIONS.values() if on is not OTHER], ids=lambda on: on.name)
def test_what_a_cloud_hides_is_neither_scraped_nor_alerted_on(on: Distribution) -> None:
    rendered = values(on)
    assert [rendered[scrape]["enabled"] for scrape in HIDDEN] == [False] * 4
    assert rendered["defaultRules"]["rules"] == dict.fromkeys(HIDDEN_RULES, False)


def test_a_control_plane_that_can_be_seen_is_scraped() -> None:
    assert not {*HIDDEN, "defaultRules"} & values(OTHER).keys()


@pytest.mark.parametrize(("on", "scraped"), [(EKS, "coreDns"), (GKE, "kubeDns"), (OTHER, "coreDns"), (EKS_AUTO, None)], ids=str)
def test_the_dns_that_the_cluster_has_is_scraped(on: Distribution, scraped: str | None) -> None:
    rendered = values(on)
    assert [dns for dns in ("coreDns", "kubeDns") if rendered[dns]["enabled"]] == ([scraped] if scraped else [])


def test_definitions_come_first_and_by_themselves(tmp_path: Path) -> None:
    definitions, prometheus = add_ons(stack(tmp_path, INSTALLED))["monitoring"].releases
    assert (definitions.chart.name, prometheus.chart.name) == ("prometheus-operator-crds", "kube-prometheus-stack")
    assert (prometheus.values["crds"], prometheus.skip_definitions) == ({"enabled": False}, True)


def test_monitors_outlive_monitoring(tmp_path: Path) -> None:
    definitions, _ = add_ons(stack(tmp_path, INSTALLED))["monitoring"].releases
    assert definitions.values == {"crds": {"annotations": {"helm.sh/resource-policy": "keep"}}}


def test_nothing_is_installed_over_a_prometheus_that_is_there(tmp_path: Path) -> None:
    found = add_ons(stack(tmp_path, {"url": "https://metrics.example.com"}))["monitoring"]
    assert (found.releases, found.objects, found.later) == ((), {}, {})


def test_a_volume_is_never_filled() -> None:
    rendered = spec(storage={"size": "50Gi", "storageClass": "gp3"})
    claim = rendered["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert (claim["storageClassName"], claim["resources"]["requests"]["storage"]) == ("gp3", "50Gi")
    assert rendered["retentionSize"] == f"{40 * 1024}MiB"


def test_without_a_volume_age_alone_limits_the_samples() -> None:
    rendered = spec(retention="4w")
    assert (rendered["retention"], "retentionSize" in rendered, "storageSpec" in rendered) == ("4w", False, False)


@pytest.mark.parametrize("part", ["prometheus", "alertmanager"])
def test_of_two_one_stays_while_a_node_is_drained_and_a_single_one_lets_it(part: str) -> None:
    assert values(replicas=2)[part]["podDisruptionBudget"] == {"enabled": True}
    assert values(replicas=1)[part]["podDisruptionBudget"] == {"enabled": False}


def test_grafanas_password_is_a_credential(tmp_path: Path) -> None:
    found = add_ons(stack(tmp_path, {"mode": "helm"}, credentials=["grafana-admin"]))["monitoring"]
    admin = found.releases[-1].values["grafana"]["admin"]
    secret = found.objects["grafana-admin"]
    assert (secret["metadata"]["name"], secret["metadata"]["namespace"]) == (admin["existingSecret"], "monitoring")
    assert secret["stringData"] == {admin["userKey"]: "admin", admin["passwordKey"]: "<credentials.grafana-admin>"}
    assert found.credentials["grafana-admin"][admin["passwordKey"]].credential == "grafana-admin"


def test_no_values_hold_a_password(tmp_path: Path) -> None:
    found = add_ons(stack(tmp_path, {"mode": "helm"}, credentials=["grafana-admin"]))["monitoring"]
    assert "adminPassword" not in repr(found.releases[-1].values)


def test_grafana_looks_for_the_label_that_dashboards_carry(tmp_path: Path) -> None:
    sidecar = values()["grafana"]["sidecar"]["dashboards"]
    maps = [item for item in render(stack(tmp_path, INSTALLED)).shared.values() if item["kind"] == "ConfigMap"]
    assert maps
    assert all(item["metadata"]["labels"][sidecar["label"]] == sidecar["labelValue"] for item in maps)
    assert {sidecar["label"]: sidecar["labelValue"]} == DASHBOARD_LABEL


def test_grafana_may_be_left_out(tmp_path: Path) -> None:
    found = add_ons(stack(tmp_path, INSTALLED))["monitoring"]
    assert (found.releases[-1].values["grafana"], found.objects) == ({"enabled": False}, {})
