"""How a server is reached from outside the cluster."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from headroom.settings.base import HostName, Settings, UrlPath


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


class Route(Settings):
    """The requests that reach a server through Traefik; `route: {}` has a good default for everything."""

    host: HostName | None = Field(default=None, description="the host name that requests are for; any when left out")
    path: UrlPath = Field(default="/", description="what the path of HTTP requests begins with; taken off before the engine sees it")
    ports: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="the engine's ports that are reachable, by name; all that its Service offers when left out"
    )
    balancing: Balancing = Field(default=Balancing.TWO_CHOICES, description="how a pod is chosen for a request or stream")
    sticky: bool = Field(default=False, description="whether a cookie keeps a client's requests on one pod")
