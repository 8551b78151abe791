"""What must hold of routes: with the engine, with each other, and with the Traefik that has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.settings.reachability import route_owner
from headroom.settings.routing import Balancing
from tests.settings.stack_files import DEMO, GOOD, accepted, changed, problems

TRAEFIK = ("headroom:platform/traefik", "existing")
OTHER = "headroom:servers/other"


def routed(*changes: tuple[str, Any], route: Any = None) -> str:
    return changed(TRAEFIK, (f"{DEMO}/route", route or {}), *changes)


def beside(route: dict[str, Any], other: dict[str, Any]) -> str:
    """The demo and another server like it, each with its route."""
    twin = changed(("headroom:pools/l4/max", 9))
    second = {**accepted_server(twin), "route": other}
    return changed(TRAEFIK, (f"{DEMO}/route", route), (OTHER, second), text=twin)


def accepted_server(text: str) -> dict[str, Any]:
    return yaml.safe_load(text)["config"]["headroom:servers"]["demo"]


def test_a_server_has_no_route_unless_it_asks_for_one(tmp_path: Path) -> None:
    assert accepted(tmp_path, GOOD).servers["demo"].route is None


def test_an_empty_route_is_a_whole_one(tmp_path: Path) -> None:
    route = accepted(tmp_path, routed()).servers["demo"].route
    assert route
    assert (route.host, route.path, route.balancing) == (None, "/", Balancing.TWO_CHOICES)


def test_a_route_without_traefik_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, changed((f"{DEMO}/route", {})))["servers.demo.route"].startswith("needs Traefik")


def test_a_port_that_the_engine_does_not_have_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, routed(route={"ports": ["http", "speech"]})) == {
        "servers.demo.route.ports[1]": "is not a port of Triton Inference Server that can be routed; it has: http, grpc"
    }


def test_a_port_that_the_service_does_not_offer_is_refused(tmp_path: Path) -> None:
    assert "servers.demo.route.ports[0]" in problems(tmp_path, routed(route={"ports": ["metrics"]}))


def test_grpc_cannot_be_told_apart_by_path(tmp_path: Path) -> None:
    message = problems(tmp_path, routed(route={"path": "/demo"}))["servers.demo.route.path"]
    assert message.endswith("give host, or leave grpc out with ports: [http]")


@pytest.mark.parametrize("route", [{"path": "/demo", "host": "demo.example.com"}, {"path": "/demo", "ports": ["http"]}])
def test_a_path_goes_with_a_host_or_with_http_alone(tmp_path: Path, route: dict[str, Any]) -> None:
    assert accepted(tmp_path, routed(route=route))


def test_two_servers_cannot_have_the_same_requests(tmp_path: Path) -> None:
    assert problems(tmp_path, beside({}, {}))["servers.other.route"].endswith("give one of them a host")


def test_two_servers_are_told_apart_by_host(tmp_path: Path) -> None:
    assert accepted(tmp_path, beside({"host": "a.example.com"}, {"host": "b.example.com"}))


def test_two_servers_are_told_apart_by_protocol(tmp_path: Path) -> None:
    assert accepted(tmp_path, beside({"ports": ["http"]}, {"ports": ["grpc"]}))


def test_a_drain_too_short_for_traefik_to_hear_of_it_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, routed((f"{DEMO}/drain", "4s")))["servers.demo.drain"].startswith("must be at least 5s")


def test_streams_longer_than_traefiks_own_drain_are_refused(tmp_path: Path) -> None:
    message = problems(tmp_path, routed((f"{DEMO}/drain", "5m")))["platform.traefik.drain"]
    assert message.endswith("set it to 300s or more")


@pytest.mark.parametrize("path", ["demo", "/demo/", "/de mo", "/`)"])
def test_a_path_that_is_none_is_refused(tmp_path: Path, path: str) -> None:
    assert problems(tmp_path, routed(route={"path": path, "ports": ["http"]}))["servers.demo.route.path"].startswith("must be a path")


def joined(*changes: tuple[str, Any]) -> str:
    """The demo with a route that leads to another server like it too."""
    twin = changed(("headroom:pools/l4/max", 9))
    return changed(
        TRAEFIK, (f"{DEMO}/route", {"host": "demo.example.com", "also": ["other"]}), (OTHER, accepted_server(twin)), *changes, text=twin
    )


def test_a_route_may_lead_to_several_servers(tmp_path: Path) -> None:
    stack = accepted(tmp_path, joined())
    assert {name: route_owner(stack.servers, name) for name in stack.servers} == {"demo": "demo", "other": "demo"}


def test_a_server_with_a_route_of_its_own_has_no_other_owner(tmp_path: Path) -> None:
    stack = accepted(tmp_path, routed())
    assert route_owner(stack.servers, "demo") is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param((f"{DEMO}/route/also", ["nobody"]), "servers.demo.route.also[0]", id="a server that is not there"),
        pytest.param((f"{DEMO}/route/also", ["demo"]), "servers.demo.route.also[0]", id="the server itself"),
        pytest.param((f"{OTHER}/model", "another"), "servers.demo.route.also[0]", id="one that serves another model"),
        pytest.param((f"{OTHER}/namespace", "elsewhere"), "servers.demo.route.also[0]", id="one of another namespace"),
        pytest.param((f"{OTHER}/route", {"host": "other.example.com"}), "servers.other.route", id="one with a route of its own"),
        pytest.param((f"{OTHER}/drain", "1s"), "servers.other.drain", id="one that goes before Traefik knows"),
        pytest.param((f"{OTHER}/drain", "1h"), "platform.traefik.drain", id="one with longer streams than Traefik waits for"),
    ],
)
def test_a_server_that_a_route_cannot_also_lead_to_is_refused(tmp_path: Path, change: tuple[str, Any], path: str) -> None:
    assert path in problems(tmp_path, joined(change))


def test_a_server_behind_two_routes_is_refused(tmp_path: Path) -> None:
    third = {**accepted_server(GOOD), "route": {"host": "third.example.com", "also": ["other"]}}
    assert problems(tmp_path, joined(("headroom:servers/third", third))) == {
        "servers.third.route.also[0]": "is reached by another server's route already"
    }
