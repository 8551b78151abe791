"""What leads from Traefik's entrypoints to a server's pods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.desired import render
from headroom.desired.joined import marked
from headroom.desired.objects import Object
from tests.settings.stack_files import DEMO, accepted, changed


def routed(directory: Path, *changes: tuple[str, Any], **route: Any) -> dict[str, Object]:
    """The objects by role of a server with a route."""
    text = changed(("headroom:platform/traefik", "existing"), (f"{DEMO}/route", route), *changes)
    (server,) = render(accepted(directory, text)).servers
    return dict(server.objects)


def the_route(objects: dict[str, Object], port: str) -> Object:
    (only,) = objects[f"route-{port}"]["spec"]["routes"]
    return only


def backend(objects: dict[str, Object], port: str) -> Object:
    (only,) = the_route(objects, port)["services"]
    return only


def middlewares(objects: dict[str, Object], port: str) -> list[str]:
    return [entry["name"] for entry in the_route(objects, port)["middlewares"]]


def test_each_protocol_comes_in_by_an_entrypoint_of_its_own(tmp_path: Path) -> None:
    objects = routed(tmp_path)
    assert {port: objects[f"route-{port}"]["spec"]["entryPoints"] for port in ("http", "grpc")} == {"http": ["web"], "grpc": ["grpc"]}


def test_entrypoints_are_called_what_an_existing_traefik_calls_them(tmp_path: Path) -> None:
    there = ("headroom:platform/traefik", {"entrypoints": {"grpc": "speech"}})
    assert routed(tmp_path, there)["route-grpc"]["spec"]["entryPoints"] == ["speech"]


def test_grpc_is_spoken_to_pods_in_clear_text_http_2(tmp_path: Path) -> None:
    objects = routed(tmp_path)
    assert (backend(objects, "grpc")["scheme"], backend(objects, "http")["scheme"]) == ("h2c", "http")


@pytest.mark.parametrize("port", ["http", "grpc"])
def test_a_route_leads_to_a_port_of_the_service(tmp_path: Path, port: str) -> None:
    objects = routed(tmp_path)
    service = objects["service"]
    assert backend(objects, port)["name"] == service["metadata"]["name"]
    assert backend(objects, port)["port"] in [offered["name"] for offered in service["spec"]["ports"]]


def test_traefik_balances_over_pods_whatever_its_default_is(tmp_path: Path) -> None:
    assert backend(routed(tmp_path), "grpc")["nativeLB"] is False


def test_what_is_not_asked_for_is_not_reachable(tmp_path: Path) -> None:
    assert "route-grpc" not in routed(tmp_path, ports=["http"])


def test_a_path_is_taken_off_before_the_engine_sees_it(tmp_path: Path) -> None:
    objects = routed(tmp_path, host="models.example.com", path="/demo")
    assert the_route(objects, "http")["match"] == "Host(`models.example.com`) && PathPrefix(`/demo`)"
    assert objects["prefix"]["spec"] == {"stripPrefix": {"prefixes": ["/demo"]}}
    assert objects["prefix"]["metadata"]["name"] in middlewares(objects, "http")


def test_grpc_is_told_apart_by_host_alone(tmp_path: Path) -> None:
    objects = routed(tmp_path, host="models.example.com", path="/demo")
    assert the_route(objects, "grpc")["match"] == "Host(`models.example.com`) && PathPrefix(`/`)"
    assert "demo-prefix" not in middlewares(objects, "grpc")


@pytest.mark.parametrize("balancing", ["p2c", "wrr", "leasttime", "hrw"])
def test_the_balancing_is_the_one_that_is_asked_for(tmp_path: Path, balancing: str) -> None:
    assert backend(routed(tmp_path, balancing=balancing), "http")["strategy"] == balancing


def test_a_client_stays_on_its_pod_only_where_that_is_asked_for(tmp_path: Path) -> None:
    assert "sticky" not in backend(routed(tmp_path), "http")
    assert backend(routed(tmp_path, sticky=True), "http")["sticky"]["cookie"]["name"] == "headroom-demo"


@pytest.mark.parametrize("port", ["http", "grpc"])
def test_middlewares_that_a_route_names_are_there(tmp_path: Path, port: str) -> None:
    objects = routed(tmp_path, host="models.example.com", path="/demo")
    named = {item["metadata"]["name"] for item in objects.values() if item["kind"] == "Middleware"}
    assert set(middlewares(objects, port)) <= named


def test_a_pod_that_cannot_be_reached_costs_seconds_and_not_the_request(tmp_path: Path) -> None:
    objects = routed(tmp_path)
    assert objects["transport"]["spec"]["forwardingTimeouts"]["dialTimeout"] == "2s"
    assert objects["retry"]["spec"]["retry"]["attempts"] > 1
    assert backend(objects, "grpc")["serversTransport"] == objects["transport"]["metadata"]["name"]


def joined(directory: Path) -> dict[str, dict[str, Object]]:
    """The objects by role of two servers behind the route of the first, and of a third, by server."""
    text = changed(("headroom:platform/traefik", "existing"), ("headroom:pools/l4/max", 9))
    demo = yaml.safe_load(text)["config"]["headroom:servers"]["demo"]
    route = {"host": "demo.example.com", "also": ["other"]}
    text = changed((f"{DEMO}/route", route), ("headroom:servers/other", demo), ("headroom:servers/third", demo), text=text)
    return {server.name: dict(server.objects) for server in render(accepted(directory, text)).servers}


def reached(objects: dict[str, Object], selector: dict[str, str]) -> bool:
    return selector.items() <= objects["workload"]["spec"]["template"]["metadata"]["labels"].items()


def test_a_route_for_several_servers_leads_to_the_pods_of_all_of_them_and_of_no_other(tmp_path: Path) -> None:
    servers = joined(tmp_path)
    service = servers["demo"]["joined"]
    assert backend(servers["demo"], "http")["name"] == service["metadata"]["name"] == "demo-joined"
    assert {name: reached(objects, service["spec"]["selector"]) for name, objects in servers.items()} == {
        "demo": True,
        "other": True,
        "third": False,
    }


def test_each_of_them_keeps_a_service_of_its_own(tmp_path: Path) -> None:
    servers = joined(tmp_path)
    own = servers["other"]["service"]["spec"]["selector"]
    assert {name: reached(objects, own) for name, objects in servers.items()} == {"demo": False, "other": True, "third": False}


def test_a_joined_service_offers_the_ports_that_the_servers_have(tmp_path: Path) -> None:
    made = joined(tmp_path)["demo"]
    assert made["joined"]["spec"]["ports"] == made["service"]["spec"]["ports"]


def test_of_a_group_its_leader_is_reached() -> None:
    template = {"metadata": {"labels": {"a": "b"}}}
    group = {"spec": {"leaderWorkerTemplate": {"leaderTemplate": template, "workerTemplate": template}}}
    made = marked(group, "demo")["spec"]["leaderWorkerTemplate"]
    assert [made[kind]["metadata"]["labels"] for kind in ("leaderTemplate", "workerTemplate")] == [
        {"a": "b", "headroom.dev/route": "demo"},
        {"a": "b"},
    ]
