"""The values of the chart traefik."""

from __future__ import annotations

from typing import Any

from headroom.catalog.distributions import KWOK
from headroom.catalog.entrypoints import GRPC, HTTP
from headroom.desired.platform import traefik
from headroom.settings.platform import Platform


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
