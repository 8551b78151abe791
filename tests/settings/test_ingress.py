"""What a stack may say of the way in, and what it is told where that cannot work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.settings import InvalidStack
from tests.settings.stack_files import DEMO, accepted, changed

EXISTING = {"provider": "existing", "name": "prod"}


def stack(traefik: Any, route: Any = None, *, on: str | None = None, credentials: dict[str, Any] | None = None) -> str:
    changes: list[tuple[str, Any]] = [("headroom:platform/traefik", traefik)]
    if route is not None:
        changes.append((f"{DEMO}/route", route))
    if on is not None:
        changes += [("headroom:cluster", {**EXISTING, "distribution": on}), ("headroom:pools", {}), (f"{DEMO}/pool", None)]
    if on == "eks":
        changes.append(("headroom:platform/awsLoadBalancerController", "existing"))
    if credentials:
        changes.append(("headroom:credentials", credentials))
    return changed(*changes)


def refused(directory: Path, text: str) -> str:
    with pytest.raises(InvalidStack) as caught:
        accepted(directory, text)
    return str(caught.value)


HELM = {"mode": "helm", "tls": {"secret": "wildcard"}}


@pytest.mark.parametrize(
    ("traefik", "route"),
    [
        (HELM, {}),
        ({"mode": "helm", "tls": {"issuer": "letsencrypt"}}, {"host": "demo.example.com"}),
        ({"mode": "helm", "tls": {}}, {"tls": {"secret": "demo-tls"}}),
        ({"mode": "existing", "tls": {}}, {}),
        ({"mode": "helm", "tls": {"issuer": "letsencrypt"}}, {"tls": {"secret": "demo-tls"}}),
        ("existing", {"allowedSources": ["10.0.0.0/8", "2001:db8::/32"]}),
        ("existing", {"auth": {"forward": {"address": "http://oauth2-proxy.auth.svc:4180/oauth2/auth"}}}),
        ("existing", {"auth": {"middleware": "company-oidc"}}),
    ],
)
def test_ways_in_that_work(tmp_path: Path, traefik: Any, route: Any) -> None:
    accepted(tmp_path, stack(traefik, route))


@pytest.mark.parametrize(
    ("traefik", "route", "said"),
    [
        ("existing", {"tls": {"secret": "demo-tls"}}, "servers.demo.route.tls: Traefik takes no TLS"),
        ({"mode": "helm", "tls": {}}, {}, "servers.demo.route.tls: there is no certificate for it"),
        ({"mode": "helm", "tls": {"issuer": "letsencrypt"}}, {}, "servers.demo.route.host: is required"),
        ({"mode": "helm", "tls": {}}, {"tls": {"issuer": "letsencrypt"}}, "servers.demo.route.host: is required"),
        ({"mode": "helm", "tls": {"secret": "a", "issuer": "b"}}, {}, "give secret or issuer"),
        ({"mode": "helm", "tls": {}}, {"tls": {}}, "give secret or issuer"),
        ({"mode": "existing", "tls": {"secret": "wildcard"}}, {}, "an existing one has its own"),
        ({"mode": "existing", "loadBalancer": {"scope": "public"}}, {}, "loadBalancer is of a Traefik that this program installs"),
        ({"mode": "existing", "defaultIngressClass": True}, {}, "defaultIngressClass is of a Traefik that this program installs"),
        ({"mode": "helm", "entrypoints": {"grpc": "speech"}}, {}, "entrypoints are the names of an existing Traefik"),
        ("existing", {"allowedSources": ["10.0.0.1/8"]}, "must be a range of addresses such as 10.0.0.0/8"),
        ("existing", {"auth": {"basic": "users", "middleware": "oidc"}}, "give exactly one of basic, forward, middleware"),
        ("existing", {"auth": {}}, "give exactly one of basic, forward, middleware"),
        ("existing", {"auth": {"basic": "users"}}, "servers.demo.route.auth.basic: is not a credential of this stack"),
        ("existing", {"auth": {"forward": {"address": "http://ann:word@auth/"}}}, "without a query or a password"),
    ],
)
def test_ways_in_that_cannot_work_are_refused(tmp_path: Path, traefik: Any, route: Any, said: str) -> None:
    assert said in refused(tmp_path, stack(traefik, route))


@pytest.mark.parametrize("on", ["eks", "eks-auto", "gke", "aks"])
def test_a_load_balancer_is_internal_unless_it_is_asked_to_be_public(tmp_path: Path, on: str) -> None:
    assert accepted(tmp_path, stack("helm", on=on)).platform.traefik.load_balancer.scope == "internal"


def test_an_internal_address_that_nobody_can_promise_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, stack("helm", on="other"))
    assert "platform.traefik.loadBalancer.scope: internal has no common form on a cluster of another kind" in said


@pytest.mark.parametrize("balancer", [{"scope": "public"}, {"scope": "none"}, {"annotations": {"metallb.io/address-pool": "internal"}}])
def test_on_a_cluster_of_another_kind_the_stack_says_what_it_gets(tmp_path: Path, balancer: Any) -> None:
    accepted(tmp_path, stack({"mode": "helm", "loadBalancer": balancer}, on="other"))


def test_sources_need_the_load_balancer_that_holds_them(tmp_path: Path) -> None:
    balancer = {"scope": "none", "allowedSources": ["10.0.0.0/8"]}
    assert "there is none: give allowedSources in the servers' routes" in refused(
        tmp_path, stack({"mode": "helm", "loadBalancer": balancer}, on="gke")
    )


def test_passwords_do_not_cross_the_internet_in_clear_text(tmp_path: Path) -> None:
    public = {"mode": "helm", "loadBalancer": {"scope": "public"}}
    users = {"users": {"secure": "v1:a:b"}}
    assert "set platform.traefik.tls" in refused(tmp_path, stack(public, {"auth": {"basic": "users"}}, on="gke", credentials=users))
    accepted(tmp_path, stack({**public, "tls": {"secret": "wildcard"}}, {"auth": {"basic": "users"}}, on="gke", credentials=users))
