"""A server as its loop is measured: what the stack asks for, by which everything live is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from headroom.catalog.names import keda_hpa
from headroom.desired.binding import BoundSignal
from headroom.desired.objects import Object
from headroom.desired.platform.prometheus import Endpoint, endpoint
from headroom.desired.render import Desired, DesiredServer
from headroom.plugins.kubernetes.client import GVK
from headroom.settings import Stack
from headroom.settings.autoscaling import Autoscaling, Backend
from headroom.settings.pool import Pool


@dataclass(frozen=True)
class Watched:
    """`startup` is how long a replica may take to start, in seconds."""

    stack: str
    desired: DesiredServer
    settings: Autoscaling
    pool: tuple[str, Pool] | None
    """Its name and settings; None where the stack names none, or has it in another stack."""
    prometheus: Endpoint
    headers: Mapping[str, str]
    """What the Prometheus wants to be shown beside what is secret."""
    interval: float
    """Seconds between two scrapes, and between two evaluations."""
    freshness: float
    """Seconds after which a recorded sample no longer counts for the autoscaler."""
    startup: float

    @property
    def name(self) -> str:
        return self.desired.name

    @property
    def namespace(self) -> str:
        return self.desired.namespace

    @property
    def place(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def by_keda(self) -> bool:
        return self.settings.backend is Backend.KEDA

    @property
    def hpa(self) -> str:
        """The name of its HorizontalPodAutoscaler."""
        return keda_hpa(self.name) if self.by_keda else self.name

    @property
    def may_sleep(self) -> bool:
        return self.settings.replicas.min == 0

    @property
    def signals(self) -> tuple[BoundSignal, ...]:
        """Those that are recorded; CPU and memory pass by Prometheus."""
        return self.desired.signals

    @property
    def workload(self) -> Object:
        return self.desired.objects["workload"]

    @property
    def workload_kind(self) -> GVK:
        return GVK.of(self.workload)

    @property
    def scrape(self) -> Mapping[str, Any]:
        """The one endpoint of its PodMonitor."""
        return self.desired.objects["monitor"]["spec"]["podMetricsEndpoints"][0]

    @property
    def serving(self) -> Mapping[str, str]:
        """Labels of the pods that serve and are scraped: of a group of pods its leader alone."""
        return self.desired.objects["monitor"]["spec"]["selector"]["matchLabels"]

    @property
    def rule_group(self) -> Mapping[str, Any]:
        """The group of its recording rules."""
        return self.desired.objects["rules"]["spec"]["groups"][0]

    @cached_property
    def metrics_port(self) -> int:
        """Where a pod's metrics are, by number."""
        ports = (port for container in self._containers() for port in container.get("ports") or ())
        return next(port["containerPort"] for port in ports if port["name"] == self.scrape["port"])

    def _containers(self) -> Iterator[Mapping[str, Any]]:
        spec = self.workload["spec"]
        template = spec["leaderWorkerTemplate"]["leaderTemplate"] if "leaderWorkerTemplate" in spec else spec["template"]
        yield from (*template["spec"].get("initContainers", ()), *template["spec"]["containers"])

    @property
    def again(self) -> str:
        """What puts back an object that was changed or deleted by hand."""
        return f"`headroom up --refresh {self.stack}` puts back what the stack says"


def watched(stack: Stack, desired: Desired) -> tuple[Watched, ...]:
    """Every server of a stack."""
    return tuple(_watched(stack, server) for server in desired.servers)


def _watched(stack: Stack, server: DesiredServer) -> Watched:
    settings, monitoring = stack.servers[server.name], stack.platform.monitoring
    pool = stack.pools.get(settings.pool) if settings.pool else None
    return Watched(
        stack=stack.name,
        desired=server,
        settings=settings.autoscaling,
        pool=(settings.pool, pool) if settings.pool and pool else None,
        prometheus=endpoint(monitoring),
        headers=monitoring.access.headers,
        interval=monitoring.scrape_interval,
        freshness=monitoring.freshness,
        startup=server.create_seconds,
    )
