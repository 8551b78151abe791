"""A picture of a stack: for each server the way of a request, and the way from its metric back to a replica count."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from headroom.catalog.names import keda_hpa
from headroom.catalog.signals import SIGNALS
from headroom.desired import Desired
from headroom.desired.binding import BoundSignal
from headroom.settings import Stack
from headroom.settings.autoscaling import Backend
from headroom.settings.consistency import engine_of
from headroom.settings.machine import find_machine
from headroom.settings.platform import Monitoring

WIDTH = 1160
_BAND_HEIGHT = 330
_TITLE_HEIGHT = 60


@dataclass(frozen=True)
class Box:
    """One station: where it is drawn, what it is, and up to three lines about it."""

    x: int
    y: int
    width: int
    title: str
    lines: tuple[str, ...]
    kind: str
    """Colour class of the template: traffic, pods, metrics or control."""

    height: int = 92


_READERS = {
    Backend.HPA: ("prometheus-adapter", ("custom.metrics.k8s.io",)),
    Backend.KEDA: ("KEDA", ("external.metrics.k8s.io",)),
}
_HPAS = {Backend.HPA: str, Backend.KEDA: keda_hpa}


def draw(stack: Stack, desired: Desired) -> str:
    """The picture as SVG text."""
    bands = [
        {"name": server.name, "top": _TITLE_HEIGHT + index * _BAND_HEIGHT, "boxes": _boxes(stack, server.name, server.signals)}
        for index, server in enumerate(desired.servers)
    ]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((files("headroom.report") / "templates" / "stack.svg.j2").read_text())
    return template.render(stack=stack.name, bands=bands, width=WIDTH, height=_TITLE_HEIGHT + len(bands) * _BAND_HEIGHT)


def _boxes(stack: Stack, name: str, signals: tuple[BoundSignal, ...]) -> list[Box]:
    server = stack.servers[name]
    engine = engine_of(server)
    replicas = server.autoscaling.replicas
    monitoring = stack.platform.monitoring
    ports = ", ".join(f"{port.name} {port.number}" for port in engine.ports if port.exposed)
    scrape = (f"{engine.metrics_path} on port {engine.metrics_port}", f"every {monitoring.scrape_interval:g} s")
    targets = tuple(f"{SIGNALS[signal].title.lower()} at {target}" for signal, target in server.autoscaling.signals.items())
    reader, hpa = _READERS[server.autoscaling.backend], _HPAS[server.autoscaling.backend](name)
    return [
        Box(30, 20, 200, "Requests", ("to any ready replica",), "traffic"),
        Box(330, 20, 220, f"Service {name}", (ports,), "traffic"),
        Box(650, 20, 480, f"{replicas.min} to {replicas.max} replicas", _replica_lines(stack, name), "pods"),
        Box(920, 200, 210, f"PodMonitor {name}", scrape, "metrics"),
        Box(560, 200, 310, "Recording rules", _recorded(signals, monitoring), "metrics"),
        Box(310, 200, 200, *reader, "control"),
        Box(30, 200, 230, f"HPA {hpa}", targets, "control"),
    ]


def _recorded(signals: tuple[BoundSignal, ...], monitoring: Monitoring) -> tuple[str, ...]:
    if not signals:
        return ("none: metrics-server measures the pods",)
    first, *others = signals
    return (first.server.record, f"over {monitoring.window:g} s", f"and {len(others)} more" if others else "")


def _replica_lines(stack: Stack, name: str) -> tuple[str, ...]:
    server = stack.servers[name]
    engine = f"{engine_of(server).title}, {server.image.rpartition('/')[2]}"
    if server.pool is None:
        return (engine, f"{server.gpus} GPU each")
    pool = stack.pools[server.pool]
    machine = find_machine(pool.machine)
    return (engine, f"{server.gpus} x {machine.gpu} each", f"pool {server.pool}: {pool.min} to {pool.max} x {machine.name}")
