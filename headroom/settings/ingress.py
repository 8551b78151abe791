"""What must hold of the way in: certificates, who may come, and the load balancer before it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headroom.catalog.distributions import Distribution
from headroom.catalog.load_balancers import LOAD_BALANCERS
from headroom.settings.platform import Mode, Platform, Traefik
from headroom.settings.platform.traefik import Scope
from headroom.settings.problems import Path, Problem
from headroom.settings.routing import Route
from headroom.settings.server import Server

TRAEFIK = ("platform", "traefik")


def ingress(
    servers: Mapping[str, Server], platform: Platform, on: Distribution | None, credentials: frozenset[str] | None
) -> Iterator[Problem]:
    """`on` is None where the cluster's settings are invalid; `credentials` are the names of those that are there, None where unknown."""
    traefik = platform.traefik
    if traefik.mode is Mode.HELM and on is not None:
        yield from _load_balancer(traefik, on)
    for name, server in servers.items():
        if server.route is not None and traefik.mode is not Mode.NONE:
            yield from _certificate(("servers", name, "route"), server.route, traefik)
            yield from _auth(("servers", name, "route", "auth"), server.route, traefik, credentials)


def _load_balancer(traefik: Traefik, on: Distribution) -> Iterator[Problem]:
    asked, known = traefik.load_balancer, LOAD_BALANCERS[on.name]
    if known and known.internal is None and asked.scope is Scope.INTERNAL and not asked.annotations:
        yield Problem(
            (*TRAEFIK, "loadBalancer", "scope"),
            f"internal has no common form on {on.title}, and the address could be public: give the annotations that make it internal "
            "there, or set scope to public, or to none for no load balancer",
        )
    if asked.allowed_sources and (asked.scope is Scope.NONE or known is None):
        yield Problem(
            (*TRAEFIK, "loadBalancer", "allowedSources"),
            "are held by the load balancer, and there is none: give allowedSources in the servers' routes",
        )


def _certificate(path: Path, route: Route, traefik: Traefik) -> Iterator[Problem]:
    if traefik.tls is None:
        if route.tls:
            yield Problem((*path, "tls"), "Traefik takes no TLS: set platform.traefik.tls, {} where every route has its own certificate")
        return
    if route.tls is None and traefik.mode is Mode.HELM and not (traefik.tls.secret or traefik.tls.issuer):
        yield Problem(
            (*path, "tls"),
            "there is no certificate for it, and clients would get one that nobody trusts: give secret or issuer here, or in "
            "platform.traefik.tls for every route",
        )
    issuer = route.tls.issuer if route.tls else traefik.tls.issuer
    if issuer and route.host is None:
        yield Problem((*path, "host"), "is required: cert-manager makes a certificate for a host's name")


def _auth(path: Path, route: Route, traefik: Traefik, credentials: frozenset[str] | None) -> Iterator[Problem]:
    basic = route.auth.basic if route.auth else None
    if basic is None:
        return
    if credentials is not None and basic not in credentials:
        yield Problem(
            (*path, "basic"),
            f"is not a credential of this stack; set it with `htpasswd -nb USER PASSWORD | pulumi config set --secret --path "
            f"headroom:credentials.{basic}`",
        )
    if traefik.tls is None and traefik.mode is Mode.HELM and traefik.load_balancer.scope is Scope.PUBLIC:
        yield Problem((*path, "basic"), "would send passwords over the internet in clear text: set platform.traefik.tls")
