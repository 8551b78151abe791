"""The way from Traefik's entrypoints to a server's pods.

Source of the kinds: traefik/traefik docs/content/reference/routing-configuration/kubernetes/crd, pkg/middlewares/{retry,customerrors,auth};
of certificates: https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.engines.model import Engine, Port
from headroom.catalog.entrypoints import ENTRY_POINTS, HTTP
from headroom.desired import joined
from headroom.desired.objects import Object, obj
from headroom.desired.platform.traefik import GROUP
from headroom.desired.serving import secrets
from headroom.desired.serving.secrets import CredentialUse, Uses
from headroom.settings.platform import Traefik
from headroom.settings.platform.traefik import Issuer
from headroom.settings.reachability import routed_ports
from headroom.settings.routing import Auth, Route
from headroom.settings.server import Server

USERS = "secret-users"
"""Role of the Secret with the users of a route."""

DIAL_SECONDS = 2
"""How long a connection to a pod may take, where Traefik would wait 30 s for a node that is gone."""
ATTEMPTS = 4
"""How many pods are tried for a request that could not be handed over. One that was handed over is never sent twice."""
RETRY_AFTER_SECONDS = 10
"""When a client that found no replica may ask again."""


def objects(name: str, namespace: str, labels: dict[str, str], engine: Engine, server: Server, traefik: Traefik) -> dict[str, Object]:
    """A server's route by role; nothing for a server without one."""
    route = server.route
    if route is None:
        return {}
    ports = routed_ports(route, engine)
    protocols = {port.app_protocol for port in ports}
    sleeps = server.autoscaling.replicas.min == 0 and HTTP.protocol in protocols
    turned_away = traefik.tls is not None and traefik.tls.redirect and HTTP.protocol in protocols
    middlewares = {
        **_admission(name, route),
        **({"prefix": {"stripPrefix": {"prefixes": [route.path]}}} if route.path != "/" else {}),
        **(_asleep(name, ports) if sleeps else {}),
        "retry": {"retry": {"attempts": ATTEMPTS}},
        **({"redirect": {"redirectScheme": {"scheme": "https", "permanent": True}}} if turned_away else {}),
    }
    specs = {
        "transport": ("ServersTransport", name, {"forwardingTimeouts": {"dialTimeout": f"{DIAL_SECONDS}s"}}),
        **{role: ("Middleware", f"{name}-{role}", spec) for role, spec in middlewares.items()},
        **{
            f"route-{port.name}": ("IngressRoute", f"{name}-{port.name}", _ingress_route(name, port, route, traefik, sleeps=sleeps))
            for port in ports
        },
        **({"route-redirect": ("IngressRoute", f"{name}-redirect", _redirect(name, ports, route, traefik))} if turned_away else {}),
    }
    issuer = _issuer(route, traefik)
    return {
        **({"joined": joined.service(name, namespace, labels, engine)} if route.also else {}),
        **{role: obj(GROUP, kind, own, namespace=namespace, labels=labels, spec=spec) for role, (kind, own, spec) in specs.items()},
        **({"certificate": _certificate(name, namespace, labels, route, issuer)} if issuer else {}),
        **{role: secrets.secret(name, namespace, labels, "users", keys) for role, keys in credentials(server).items()},
    }


def credentials(server: Server) -> dict[str, Uses]:
    """What is filled into which Secret of a route, by role and key."""
    auth = server.route.auth if server.route else None
    return {USERS: {"users": CredentialUse(auth.basic)}} if auth and auth.basic else {}


def rule(route: Route, port: Port) -> str:
    """Which requests are for a server's port. A gRPC request's path is its method: only its host can say which server it is for."""
    path = route.path if port.app_protocol == HTTP.protocol else "/"
    return f"Host(`{route.host}`) && PathPrefix(`{path}`)" if route.host else f"PathPrefix(`{path}`)"


def _admission(name: str, route: Route) -> dict[str, Object]:
    """Who is let in."""
    sources = {"sources": {"ipAllowList": {"sourceRange": list(route.allowed_sources)}}} if route.allowed_sources else {}
    return {**sources, **(_asked(name, route.auth) if route.auth else {})}


def _asked(name: str, auth: Auth) -> dict[str, Object]:
    if auth.basic:
        # The engine has no use for the password, and may log it.
        return {"auth": {"basicAuth": {"secret": f"{name}-users", "realm": name, "removeHeader": True}}}
    if auth.forward:
        asked = {"address": auth.forward.address, "authResponseHeaders": list(auth.forward.response_headers)}
        return {"auth": {"forwardAuth": {key: value for key, value in asked.items() if value}}}
    return {}


def _issuer(route: Route, traefik: Traefik) -> Issuer | None:
    """What makes the certificate of a route; None where one is there, or none is needed."""
    found = None if traefik.tls is None else route.tls or traefik.tls
    return found if found and found.issuer else None


def _certificate(name: str, namespace: str, labels: dict[str, str], route: Route, issuer: Issuer) -> Object:
    reference = {"group": "cert-manager.io", "kind": issuer.issuer_kind, "name": issuer.issuer}
    spec = {"secretName": f"{name}-tls", "dnsNames": [route.host], "issuerRef": reference}
    return obj("cert-manager.io/v1", "Certificate", f"{name}-tls", namespace=namespace, labels=labels, spec=spec)


def _tls(name: str, route: Route, traefik: Traefik) -> Object:
    """What makes a route one over TLS. Without a Secret of its own it has Traefik's default certificate."""
    if traefik.tls is None:
        return {}
    own = f"{name}-tls" if _issuer(route, traefik) else route.tls.secret if route.tls else None
    return {"tls": {"secretName": own} if own else {}}


def _asleep(name: str, ports: tuple[Port, ...]) -> dict[str, Object]:
    """What an HTTP client gets while there is no replica: 503 that says when to ask again.

    Traefik lets a Service write the page of an error. The server's own does: it has no pods either, so its page is the same 503, and
    what comes from this use of it alone gets the header.
    """
    port = _first(ports, HTTP.protocol)
    page = {"kind": "Service", "name": name, "port": port.name, "nativeLB": False, "middlewares": [{"name": f"{name}-retry-after"}]}
    return {
        "asleep": {"errors": {"status": ["503"], "query": "/", "service": page}},
        "retry-after": {"headers": {"customResponseHeaders": {"Retry-After": str(RETRY_AFTER_SECONDS)}}},
    }


def _first(ports: tuple[Port, ...], protocol: str) -> Port:
    return next(port for port in ports if port.app_protocol == protocol)


def _passed(name: str, port: Port, route: Route, *, sleeps: bool) -> Iterator[str]:
    """The names of a port's middlewares, from the outside in.

    Traefik's own 503 is enough for gRPC: clients take it for UNAVAILABLE (grpc/grpc doc/http-grpc-status-mapping.md).
    """
    http = port.app_protocol == HTTP.protocol
    if route.allowed_sources:
        yield f"{name}-sources"
    if route.auth:
        yield route.auth.middleware or f"{name}-auth"
    if http and route.path != "/":
        yield f"{name}-prefix"
    if http and sleeps:
        yield f"{name}-asleep"
    yield f"{name}-retry"


def _ingress_route(name: str, port: Port, route: Route, traefik: Traefik, *, sleeps: bool) -> Object:
    tls = traefik.tls is not None
    service = {
        "kind": "Service",
        "name": joined.service_name(name) if route.also else name,
        "port": port.name,
        "scheme": ENTRY_POINTS[port.app_protocol].scheme,
        "strategy": str(route.balancing),
        "serversTransport": name,
        # Whatever the provider's default is: behind a cluster address all streams of a connection go to one pod.
        "nativeLB": False,
        **({"sticky": {"cookie": {"name": f"headroom-{name}", "httpOnly": True, "secure": tls}}} if route.sticky else {}),
    }
    middlewares = [{"name": passed} for passed in _passed(name, port, route, sleeps=sleeps)]
    return {
        "entryPoints": [traefik.entrypoints.of(port.app_protocol, tls=tls)],
        "routes": [{"kind": "Rule", "match": rule(route, port), "middlewares": middlewares, "services": [service]}],
        **_tls(name, route, traefik),
    }


def _redirect(name: str, ports: tuple[Port, ...], route: Route, traefik: Traefik) -> Object:
    """Sends a server's requests in clear text to the same place over TLS; nothing reaches its pods this way."""
    port = _first(ports, HTTP.protocol)
    service = {"kind": "Service", "name": name, "port": port.name, "nativeLB": False}
    way = {"kind": "Rule", "match": rule(route, port), "middlewares": [{"name": f"{name}-redirect"}], "services": [service]}
    return {"entryPoints": [traefik.entrypoints.of(HTTP.protocol)], "routes": [way]}
