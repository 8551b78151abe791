"""How a server is reached from outside the cluster."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from headroom.settings.base import Addresses, HeaderName, HostName, HttpUrl, Name, ObjectName, Settings, UrlPath
from headroom.settings.platform.traefik import Issuer


class Balancing(StrEnum):
    """How Traefik chooses a pod for a request; a stream is one request."""

    TWO_CHOICES = "p2c"
    """Of two pods at random the one with fewer requests in flight: right for requests that differ in length, and for streams."""
    ROUND_ROBIN = "wrr"
    """One after the other."""
    LEAST_TIME = "leasttime"
    """The pod with the quickest answers, weighed by its requests in flight."""
    CLIENT = "hrw"
    """Always the same pod for the same client address, as long as it is there."""


class RouteTls(Issuer):
    """A certificate of this route's own."""

    secret: ObjectName | None = Field(default=None, description="a Secret of type kubernetes.io/tls in the server's namespace")

    @model_validator(mode="after")
    def _one_source(self) -> RouteTls:
        if (self.secret is None) == (self.issuer is None):
            raise ValueError("give secret or issuer: a certificate that is there, or one that cert-manager makes for the route's host")
        return self


class ForwardAuth(Settings):
    """A service of the company that is asked about every request, and admits it by any answer of 2xx."""

    address: HttpUrl = Field(description="where Traefik asks, such as http://oauth2-proxy.auth.svc:4180/oauth2/auth")
    response_headers: tuple[HeaderName, ...] = Field(
        default=(), description="headers of its answer that are put into the request, such as X-Auth-Request-User"
    )


class Auth(Settings):
    """Who may send requests: exactly one of the ways."""

    basic: Name | None = Field(
        default=None, description="the credential that holds users and hashed passwords, a line each, as htpasswd writes them"
    )
    forward: ForwardAuth | None = Field(default=None, description="a service that is asked about every request")
    middleware: ObjectName | None = Field(
        default=None, description="an existing Middleware of Traefik in the server's namespace, such as a plugin's"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Auth:
        if sum(way is not None for way in (self.basic, self.forward, self.middleware)) != 1:
            raise ValueError("give exactly one of basic, forward, middleware")
        return self


class Route(Settings):
    """The requests that reach a server through Traefik; `route: {}` has a good default for everything."""

    host: HostName | None = Field(default=None, description="the host name that requests are for; any when left out")
    path: UrlPath = Field(default="/", description="what the path of HTTP requests begins with; taken off before the engine sees it")
    ports: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="the engine's ports that are reachable, by name; all that its Service offers when left out"
    )
    also: tuple[Name, ...] = Field(
        default=(), description="further servers whose replicas answer the same requests, such as those of another kind of GPU"
    )
    balancing: Balancing = Field(default=Balancing.TWO_CHOICES, description="how a pod is chosen for a request or stream")
    sticky: bool = Field(default=False, description="whether a cookie keeps a client's requests on one pod")
    tls: RouteTls | None = Field(default=None, description="a certificate of its own; that of platform.traefik.tls when left out")
    allowed_sources: tuple[Addresses, ...] = Field(
        default=(), description="addresses of clients that are served, such as 10.0.0.0/8; all when left out"
    )
    auth: Auth | None = Field(default=None, description="who may send requests; everybody when left out")
