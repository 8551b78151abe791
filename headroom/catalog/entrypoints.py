"""The ingress' entrypoints: one per protocol, because the time limits that suit one cut the requests of another.

Sources: traefik/traefik pkg/config/static (limits and their defaults), docs/content/migrate/v2-to-v3-details.md;
traefik/traefik#10652 and #10991 (streams that end after exactly 60 s).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EntryPoint:
    """Where requests of one protocol come in."""

    protocol: str
    """`app_protocol` of the engines' ports behind it."""
    name: str
    listens: int
    """Port of the ingress' pods."""
    port: int
    """Port of the ingress' Service: what clients name."""
    scheme: str
    """How the ingress speaks to pods."""
    read_timeout: str
    """How long reading a whole request may take, its body included. `0s`: for ever."""
    idle_timeout: str
    """How long a connection without a request is kept."""


HTTP = EntryPoint("http", "web", 8000, 80, "http", read_timeout="60s", idle_timeout="180s")
HTTPS = EntryPoint("http", "websecure", 8443, 443, "http", read_timeout="60s", idle_timeout="180s")

# A stream is one request whose body ends with the stream: any limit on reading it is a limit on how long somebody may speak.
GRPC = EntryPoint("kubernetes.io/h2c", "grpc", 50051, 50051, "h2c", read_timeout="0s", idle_timeout="3600s")

ENTRY_POINTS: dict[str, EntryPoint] = {entry.protocol: entry for entry in (HTTP, GRPC)}
"""By the protocol of an engine's port, in clear text. gRPC over TLS comes in by the same one: Traefik tells a handshake from a request."""
