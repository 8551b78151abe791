"""Traefik: settings of the add-on."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from headroom.catalog.entrypoints import GRPC, HTTP, HTTPS
from headroom.settings.base import Addresses, Name, ObjectName, Settings, WholeSeconds
from headroom.settings.platform.addon import AddOn, Mode


class EntryPoints(Settings):
    """What an existing Traefik's entrypoints are called, by the protocol of what is behind them."""

    http: Name = Field(default=HTTP.name, description="for HTTP in clear text")
    https: Name = Field(default=HTTPS.name, description="for HTTP over TLS")
    grpc: Name = Field(default=GRPC.name, description="for gRPC, streams included; it must not limit how long a request is read")

    def of(self, protocol: str, *, tls: bool = False) -> str:
        """The name of the entrypoint for ports of a protocol, one of `headroom.catalog.entrypoints`. gRPC has one for both."""
        return {HTTP.protocol: self.https if tls else self.http, GRPC.protocol: self.grpc}[protocol]


class Scope(StrEnum):
    INTERNAL = "internal"
    """An address of the cluster's own network."""
    PUBLIC = "public"
    """An address of the internet."""
    NONE = "none"
    """No load balancer: reached inside the cluster, and by what the company puts before it."""


class LoadBalancer(Settings):
    """The load balancer before a Traefik that this program installs."""

    scope: Scope = Field(
        default=Scope.INTERNAL,
        description="internal: an address of the cluster's network; public: an address of the internet; none: no load balancer",
    )
    allowed_sources: tuple[Addresses, ...] = Field(
        default=(), description="addresses that may connect, such as 10.0.0.0/8; all that reach it when left out"
    )
    annotations: dict[str, str] = Field(
        default_factory=dict,
        description="further annotations of its Service, such as a subnet's or a fixed address's; laid over the program's",
    )


class Issuer(Settings):
    """What cert-manager makes certificates with."""

    issuer: ObjectName | None = Field(default=None, description="name of a cert-manager issuer that is in the cluster")
    issuer_kind: Literal["ClusterIssuer", "Issuer"] = Field(
        default="ClusterIssuer",
        description="kind of the issuer; an Issuer must be in the namespace of each server that has a certificate of it",
    )


class Tls(Issuer):
    """TLS for every route. `tls: {}`: each route brings its own certificate, or an existing Traefik has one."""

    secret: ObjectName | None = Field(
        default=None, description="a Secret of type kubernetes.io/tls in Traefik's namespace, for every route without its own"
    )
    redirect: bool = Field(default=True, description="whether HTTP in clear text is sent on to HTTPS; not answered otherwise")

    @model_validator(mode="after")
    def _one_source(self) -> Tls:
        if self.secret and self.issuer:
            raise ValueError("give secret or issuer: a certificate that is there, or one that cert-manager makes for each host")
        return self


class Traefik(AddOn):
    """Traefik, which brings requests from outside to the pods of servers."""

    namespace: Name = Field(default="traefik", description="namespace that Traefik runs in; servers let routed requests in from there")
    release: Name = Field(default="traefik", description="name of its Helm release; its objects are named after it")
    entrypoints: EntryPoints = Field(default_factory=EntryPoints, description="names of an existing Traefik's entrypoints")
    drain: WholeSeconds = Field(
        default=60, gt=0, le=24 * 3600, description="how long requests and streams may take to end when a pod of Traefik itself goes"
    )
    load_balancer: LoadBalancer = Field(default_factory=LoadBalancer, description="how it is reached")
    tls: Tls | None = Field(default=None, description="TLS for every route; clear text when left out")
    default_ingress_class: bool = Field(
        default=False, description="whether it also serves plain Ingresses, and those that name no class; a cluster has one such default"
    )

    @model_validator(mode="after")
    def _what_only_an_installed_one_has(self) -> Traefik:
        if self.mode is not Mode.HELM:
            for key, given in (("loadBalancer", self.load_balancer != LoadBalancer()), ("defaultIngressClass", self.default_ingress_class)):
                if given:
                    raise ValueError(f"{key} is of a Traefik that this program installs: set mode: helm, or leave {key} out")
            if self.tls and self.tls.secret:
                raise ValueError(
                    "tls.secret is the default certificate of a Traefik that this program installs: an existing one has its own; "
                    "write tls: {}, or name a secret in a server's route"
                )
        elif self.entrypoints != EntryPoints():
            raise ValueError("entrypoints are the names of an existing Traefik: leave them out with mode: helm")
        return self
