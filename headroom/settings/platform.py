"""The platform's add-ons: where the monitoring is, how often it looks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from headroom.catalog.entrypoints import GRPC, HTTP
from headroom.settings.base import Duration, LabelKey, LabelValue, Name, Settings, WholeSeconds

WINDOW_SCRAPES = 4
"""A rate needs two samples; four scrapes in its window survive a missed one and a restart (docs/decisions)."""


class Mode(StrEnum):
    EXISTING = "existing"
    NONE = "none"


class AddOn(Settings):
    """A platform component. `monitoring: existing` is short for `monitoring: {mode: existing}`."""

    mode: Mode = Field(default=Mode.EXISTING, description="existing: the cluster has it; none: it has not, and nothing may need it")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if not isinstance(value, str | Mapping):
            raise ValueError(f"must be one of {', '.join(Mode)}, or a mapping with mode")
        return {"mode": value} if isinstance(value, str) else value


class Monitoring(AddOn):
    """The Prometheus Operator and the Prometheus that it runs."""

    namespace: Name = Field(default="monitoring", description="namespace of the Prometheus")
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict, description="labels that its Prometheus selects monitors and rules by, such as release: prometheus"
    )
    scrape_interval: Duration = Field(default=15, ge=1, description="how often a server's metrics are read, and its rules evaluated")
    # In a longer window a single request would be a rate below the floors that keep idle servers at 0.
    window: Duration = Field(default=60, ge=4, le=600, description="range over which rates are taken; at least four scrape intervals")

    @property
    def freshness(self) -> float:
        """Seconds after which a recorded sample no longer counts: as many missed scrapes as a window survives."""
        return WINDOW_SCRAPES * self.scrape_interval

    @model_validator(mode="after")
    def _window_holds_four_scrapes(self) -> Monitoring:
        if self.window < WINDOW_SCRAPES * self.scrape_interval:
            shortest, longest = WINDOW_SCRAPES * self.scrape_interval, self.window / WINDOW_SCRAPES
            raise ValueError(
                f"window is shorter than {WINDOW_SCRAPES} scrape intervals: one missed scrape would blind the autoscaler; "
                f"set window to {shortest:g}s or more, or scrapeInterval to {longest:g}s or less"
            )
        return self


class Keda(AddOn):
    """KEDA's operator and its metrics server."""

    namespace: Name = Field(default="keda", description="namespace that KEDA runs in")


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
    entrypoints: EntryPoints = Field(default_factory=EntryPoints, description="names of its entrypoints")
    drain: WholeSeconds = Field(
        default=60, gt=0, le=24 * 3600, description="how long requests and streams may take to end when a pod of Traefik itself goes"
    )


_NONE = AddOn(mode=Mode.NONE)


class Platform(Settings):
    """The add-ons of a stack."""

    monitoring: Monitoring = Field(default_factory=Monitoring, description="Prometheus Operator with a Prometheus")
    prometheus_adapter: AddOn = Field(default_factory=AddOn, description="prometheus-adapter, which backend hpa reads signals through")
    keda: Keda = Field(default_factory=Keda, description="KEDA, which backend keda scales through")
    metrics_server: AddOn = Field(default_factory=AddOn, description="metrics-server: CPU and memory of pods and nodes, and `kubectl top`")
    lws: AddOn = Field(default=_NONE, description="LeaderWorkerSet controller, for servers whose replicas span several nodes")
    traefik: Traefik = Field(default=Traefik(mode=Mode.NONE), description="Traefik, which brings requests from outside to servers")
