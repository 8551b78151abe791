"""The values of the chart traefik."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.distributions import DISTRIBUTIONS, KWOK, Distribution
from headroom.catalog.entrypoints import GRPC, HTTP
from headroom.desired import render
from headroom.desired.platform import traefik
from headroom.settings.platform import Platform
from tests.settings.stack_files import accepted, changed


def values(monitoring: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    return traefik.values(Platform.model_validate({"traefik": settings, "monitoring": monitoring or {}}), KWOK)


def test_reading_a_stream_has_no_limit() -> None:
    assert values()["ports"][GRPC.name]["transport"]["respondingTimeouts"]["readTimeout"] == "0s"


def test_reading_an_http_request_has_one() -> None:
    assert values()["ports"][HTTP.name]["transport"]["respondingTimeouts"]["readTimeout"] == "60s"


def test_only_the_protocols_entrypoints_are_open_outside() -> None:
    exposed = {name for name, port in values()["ports"].items() if port["expose"]["default"]}
    assert exposed == {HTTP.name, GRPC.name}


def test_no_ingress_is_drawn_to_it_unasked() -> None:
    assert values()["ingressClass"]["isDefaultClass"] is False
    assert values()["providers"]["kubernetesIngress"] == {"enabled": False}


def test_a_pod_of_traefik_lives_until_its_longest_stream_has_ended() -> None:
    rendered = values(drain="5m")
    life = rendered["ports"][GRPC.name]["transport"]["lifeCycle"]
    assert life["graceTimeOut"] == "300s"
    assert rendered["deployment"]["terminationGracePeriodSeconds"] > 300 + 10


def test_its_monitor_is_found_by_the_same_prometheus_as_the_servers() -> None:
    monitor = values({"labels": {"release": "prometheus"}, "scrapeInterval": "5s"})["metrics"]["prometheus"]["serviceMonitor"]
    assert (monitor["additionalLabels"], monitor["interval"], monitor["scrapeTimeout"]) == ({"release": "prometheus"}, "5s", "5s")


def test_without_monitoring_nothing_is_asked_to_be_scraped() -> None:
    assert "serviceMonitor" not in values({"mode": "none"})["metrics"]["prometheus"]


def service(on: Distribution, **balancer: Any) -> dict[str, Any]:
    platform = Platform.model_validate({"traefik": {"mode": "helm", "loadBalancer": balancer}})
    return traefik.values(platform, on)["service"]


INTERNAL = {
    "eks": ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    "eks-auto": ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    "aks": ("service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
    "gke": ("networking.gke.io/load-balancer-type", "Internal"),
}


@pytest.mark.parametrize("on", INTERNAL)
def test_its_address_is_internal_by_default(on: str) -> None:
    key, value = INTERNAL[on]
    assert service(DISTRIBUTIONS[on])["annotations"][key] == value


@pytest.mark.parametrize("on", INTERNAL)
def test_its_address_is_public_only_when_that_is_asked_for(on: str) -> None:
    key, value = INTERNAL[on]
    assert service(DISTRIBUTIONS[on], scope="public")["annotations"].get(key) != value


def test_auto_mode_is_asked_by_the_class_that_its_own_controller_answers_to() -> None:
    assert service(DISTRIBUTIONS["eks-auto"])["spec"]["loadBalancerClass"] == "eks.amazonaws.com/nlb"


@pytest.mark.parametrize("on", ["eks", "gke", "aks", "other"])
def test_it_sees_the_addresses_of_its_clients(on: str) -> None:
    assert service(DISTRIBUTIONS[on], scope="public")["spec"]["externalTrafficPolicy"] == "Local"


def test_the_load_balancer_takes_the_sources_that_are_allowed() -> None:
    assert service(DISTRIBUTIONS["gke"], allowedSources=["10.0.0.0/8"])["spec"]["loadBalancerSourceRanges"] == ["10.0.0.0/8"]


def test_what_the_stack_annotates_wins() -> None:
    subnet = {"service.beta.kubernetes.io/azure-load-balancer-internal-subnet": "ingress"}
    assert service(DISTRIBUTIONS["aks"], annotations=subnet)["annotations"].items() >= subnet.items()


@pytest.mark.parametrize(("on", "balancer"), [("kwok", {}), ("gke", {"scope": "none"})])
def test_without_a_load_balancer_it_waits_for_none(on: str, balancer: dict[str, Any]) -> None:
    assert service(DISTRIBUTIONS[on], **balancer) == {"spec": {"type": "ClusterIP"}}


@pytest.mark.parametrize(
    ("tls", "open_outside"),
    [
        ({"secret": "wildcard"}, {"web", "websecure", "grpc"}),
        ({"secret": "wildcard", "redirect": False}, {"websecure", "grpc"}),
    ],
    ids=["clear text is sent on", "clear text is closed"],
)
def test_the_entrypoint_for_tls_is_open_where_there_is_a_certificate(tls: dict[str, Any], open_outside: set[str]) -> None:
    ports = values(mode="helm", tls=tls)["ports"]
    assert {name for name, port in ports.items() if port["expose"]["default"]} == open_outside


def test_every_entrypoint_takes_many_streams_of_a_client() -> None:
    assert {f"--entryPoints.{name}.http2.maxConcurrentStreams=1000" for name in ("web", "websecure", "grpc")} <= set(
        values()["additionalArguments"]
    )


def test_it_is_the_clusters_default_for_ingresses_only_where_that_is_asked_for() -> None:
    asked = values(mode="helm", defaultIngressClass=True)
    assert asked["ingressClass"] == {"enabled": True, "isDefaultClass": True}
    assert asked["providers"]["kubernetesIngress"]["enabled"] is True


def test_the_default_certificate_is_in_the_one_store_that_traefik_knows(tmp_path: Path) -> None:
    text = changed(("headroom:platform/traefik", {"mode": "helm", "namespace": "edge", "tls": {"secret": "wildcard"}}))
    store = render(accepted(tmp_path, text)).platform["traefik"].later["certificate"]
    assert (store["kind"], store["metadata"]["name"], store["metadata"]["namespace"]) == ("TLSStore", "default", "edge")
    assert store["spec"] == {"defaultCertificate": {"secretName": "wildcard"}}
