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


def secured(directory: Path, of_traefik: dict[str, Any], **route: Any) -> dict[str, Object]:
    """The objects by role of a server behind a Traefik that takes TLS."""
    return routed(directory, ("headroom:platform/traefik", {"mode": "helm", "tls": of_traefik}), **route)


def test_over_tls_http_has_an_entrypoint_of_its_own_and_grpc_keeps_its_own(tmp_path: Path) -> None:
    objects = secured(tmp_path, {"secret": "wildcard"})
    assert {port: objects[f"route-{port}"]["spec"]["entryPoints"] for port in ("http", "grpc")} == {"http": ["websecure"], "grpc": ["grpc"]}


@pytest.mark.parametrize("port", ["http", "grpc"])
def test_a_route_without_a_certificate_of_its_own_has_traefiks(tmp_path: Path, port: str) -> None:
    assert secured(tmp_path, {"secret": "wildcard"})[f"route-{port}"]["spec"]["tls"] == {}


@pytest.mark.parametrize("port", ["http", "grpc"])
def test_a_route_has_its_own_certificate_where_it_names_one(tmp_path: Path, port: str) -> None:
    objects = secured(tmp_path, {"secret": "wildcard"}, tls={"secret": "demo-example-com"})
    assert objects[f"route-{port}"]["spec"]["tls"] == {"secretName": "demo-example-com"}
    assert "certificate" not in objects


def test_without_tls_a_route_takes_none(tmp_path: Path) -> None:
    assert "tls" not in routed(tmp_path)["route-http"]["spec"]


def test_cert_manager_is_asked_for_a_certificate_for_the_routes_host(tmp_path: Path) -> None:
    objects = secured(tmp_path, {"issuer": "letsencrypt"}, host="demo.example.com")
    spec = objects["certificate"]["spec"]
    assert spec["dnsNames"] == ["demo.example.com"]
    assert spec["issuerRef"] == {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "letsencrypt"}
    assert objects["route-http"]["spec"]["tls"] == {"secretName": spec["secretName"]}


def test_a_route_may_have_an_issuer_of_its_own(tmp_path: Path) -> None:
    own = {"issuer": "inside", "issuerKind": "Issuer"}
    objects = secured(tmp_path, {"issuer": "letsencrypt"}, host="demo.example.com", tls=own)
    assert objects["certificate"]["spec"]["issuerRef"]["name"] == "inside"


def test_clear_text_is_sent_on_to_https(tmp_path: Path) -> None:
    objects = secured(tmp_path, {"secret": "wildcard"}, host="demo.example.com", path="/demo")
    (way,) = objects["route-redirect"]["spec"]["routes"]
    assert objects["route-redirect"]["spec"]["entryPoints"] == ["web"]
    assert way["match"] == the_route(objects, "http")["match"]
    assert way["middlewares"] == [{"name": objects["redirect"]["metadata"]["name"]}]
    assert objects["redirect"]["spec"]["redirectScheme"]["scheme"] == "https"


@pytest.mark.parametrize(
    ("tls", "route"),
    [({"secret": "wildcard", "redirect": False}, {}), ({"secret": "wildcard"}, {"ports": ["grpc"]})],
    ids=["unasked", "grpc"],
)
def test_nothing_answers_in_clear_text_where_nothing_is_sent_on(tmp_path: Path, tls: dict[str, Any], route: dict[str, Any]) -> None:
    assert "route-redirect" not in secured(tmp_path, tls, **route)


def test_a_cookie_over_tls_stays_on_tls(tmp_path: Path) -> None:
    assert backend(secured(tmp_path, {"secret": "wildcard"}, sticky=True), "http")["sticky"]["cookie"]["secure"] is True


@pytest.mark.parametrize("port", ["http", "grpc"])
def test_who_is_let_in_is_decided_before_anything_else(tmp_path: Path, port: str) -> None:
    asked = {"forward": {"address": "http://gate.auth.svc/verify", "responseHeaders": ["X-User"]}}
    objects = routed(tmp_path, allowedSources=["10.0.0.0/8"], auth=asked, host="demo.example.com", path="/demo")
    assert middlewares(objects, port)[:2] == ["demo-sources", "demo-auth"]
    assert objects["sources"]["spec"] == {"ipAllowList": {"sourceRange": ["10.0.0.0/8"]}}
    assert objects["auth"]["spec"] == {"forwardAuth": {"address": "http://gate.auth.svc/verify", "authResponseHeaders": ["X-User"]}}


def test_users_come_from_a_credential_whose_value_nobody_here_sees(tmp_path: Path) -> None:
    users = ("headroom:credentials", {"users": {"secure": "v1:a:b"}})
    (server,) = render(
        accepted(tmp_path, changed(("headroom:platform/traefik", "existing"), (f"{DEMO}/route", {"auth": {"basic": "users"}}), users))
    ).servers
    secret = server.objects["secret-users"]
    assert server.objects["auth"]["spec"]["basicAuth"]["secret"] == secret["metadata"]["name"]
    assert secret["stringData"] == {"users": "<credentials.users>"}
    assert server.credentials["secret-users"]["users"].credential == "users"


def test_the_engine_never_sees_a_users_password(tmp_path: Path) -> None:
    users = ("headroom:credentials", {"users": {"secure": "v1:a:b"}})
    assert routed(tmp_path, users, auth={"basic": "users"})["auth"]["spec"]["basicAuth"]["removeHeader"] is True


def test_a_middleware_of_the_company_is_passed_by_its_own_name(tmp_path: Path) -> None:
    objects = routed(tmp_path, auth={"middleware": "company-oidc"})
    assert middlewares(objects, "http")[0] == "company-oidc"
    assert "auth" not in objects
