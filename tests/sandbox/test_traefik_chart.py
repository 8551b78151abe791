"""What the sandbox makes of the values of the chart traefik."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import traefik
from headroom.sandbox.layout import POD_GATEWAY, PORTS
from headroom.sandbox.platform import traefik_chart
from headroom.settings.platform import Mode, Platform


def values(**monitoring: Any) -> dict[str, Any]:
    return deepcopy(traefik.values(Platform.model_validate({"monitoring": monitoring}), KWOK))


def test_every_entrypoint_of_the_values_is_opened() -> None:
    given = traefik_chart.arguments(values())
    assert {"--entryPoints.web.address=:8000/tcp", "--entryPoints.grpc.address=:50051/tcp"} <= set(given)


def test_an_entrypoint_takes_tls_where_the_values_say_so() -> None:
    given = [argument for argument in traefik_chart.arguments(values()) if ".http.tls" in argument]
    assert given == ["--entryPoints.websecure.http.tls=true"]


def test_a_limit_of_the_values_is_the_programs() -> None:
    changed = values()
    changed["ports"]["grpc"]["transport"]["respondingTimeouts"]["readTimeout"] = "2s"
    assert "--entryPoints.grpc.transport.respondingTimeouts.readTimeout=2s" in traefik_chart.arguments(changed)


def test_a_provider_that_is_off_is_not_there() -> None:
    given = traefik_chart.arguments(values())
    assert "--providers.kubernetescrd" in given
    assert not any(argument.startswith("--providers.kubernetesingress") for argument in given)


def test_arguments_of_the_values_come_last_as_they_are() -> None:
    changed = {**values(), "additionalArguments": ["--log.level=DEBUG"]}
    assert traefik_chart.arguments(changed)[-1] == "--log.level=DEBUG"


def test_it_is_asked_for_its_health_where_it_has_it() -> None:
    assert values()["ports"]["traefik"]["port"] == PORTS["traefik"]


def test_prometheus_finds_the_process_where_pods_would_be() -> None:
    service, endpoints, monitor = traefik_chart.scraped(values(scrapeInterval="5s"), "traefik", "traefik")
    assert endpoints["subsets"] == [{"addresses": [{"ip": POD_GATEWAY}], "ports": service["spec"]["ports"]}]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["interval"] == "5s"


def test_without_monitoring_there_is_nothing_to_scrape_with() -> None:
    assert traefik_chart.scraped(values(mode=Mode.NONE), "traefik", "traefik") == []
