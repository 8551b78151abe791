"""Facts of what brings requests from outside to a Service."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.wiring.document import ObjectRef, Place
from headroom.wiring.values import Unknown


@dataclass(frozen=True)
class Backend:
    """A Service that a route leads to."""

    name: str | Unknown
    namespace: str
    port: str | int | Unknown | None
    scheme: str | Unknown | None
    """How the ingress speaks to it; None leaves that to the ingress."""
    place: Place


@dataclass(frozen=True)
class Route:
    """An IngressRoute of Traefik, an Ingress, or a route of the Gateway API."""

    ref: ObjectRef
    place: Place
    entrypoints: tuple[str | Unknown, ...]
    """Empty: those that the ingress takes by default."""
    backends: tuple[Backend, ...]

    @property
    def says_scheme(self) -> bool:
        """Whether the route itself says how the Service is spoken to. Elsewhere the Service does, or an annotation."""
        return self.ref.kind == "IngressRoute"


@dataclass(frozen=True)
class EntryPoint:
    """A port on which an ingress takes requests."""

    name: str
    read_timeout: float | Unknown
    """Seconds that reading a whole request may take; 0: for ever."""
    place: Place


@dataclass(frozen=True)
class Ingress:
    """A Traefik."""

    place: Place
    entrypoints: tuple[EntryPoint, ...]
