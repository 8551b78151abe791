"""Traefik: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.catalog.entrypoints import GRPC, HTTP
from headroom.settings.base import Name, Settings, WholeSeconds
from headroom.settings.platform.addon import AddOn


class EntryPoints(Settings):
    """What Traefik's entrypoints are called, by the protocol of what is behind them."""

    http: Name = Field(default=HTTP.name, description="for HTTP")
    grpc: Name = Field(default=GRPC.name, description="for gRPC, streams included; it must not limit how long a request is read")

    def of(self, protocol: str) -> str:
        """The name of the entrypoint for ports of a protocol, one of `headroom.catalog.entrypoints`."""
        return {HTTP.protocol: self.http, GRPC.protocol: self.grpc}[protocol]


class Traefik(AddOn):
    """Traefik, which brings requests from outside to the pods of servers."""

    namespace: Name = Field(default="traefik", description="namespace that Traefik runs in")
    release: Name = Field(default="traefik", description="name of its Helm release; its objects are named after it")
    entrypoints: EntryPoints = Field(default_factory=EntryPoints, description="names of its entrypoints")
    drain: WholeSeconds = Field(
        default=60, gt=0, le=24 * 3600, description="how long requests and streams may take to end when a pod of Traefik itself goes"
    )
