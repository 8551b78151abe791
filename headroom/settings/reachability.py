"""What must hold of the routes of a stack: between a route and its engine, between routes, and with the Traefik that has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headroom.catalog.engines.model import Engine, Port
from headroom.catalog.entrypoints import ENTRY_POINTS, GRPC
from headroom.settings.platform import Mode, Platform
from headroom.settings.problems import Path, Problem
from headroom.settings.routing import Route
from headroom.settings.server import Server

LEAST_DRAIN_SECONDS = 5
"""Traefik reads changed endpoints every 2 s unless told otherwise: until then it sends requests to a pod that goes."""


def routed_ports(route: Route, engine: Engine) -> tuple[Port, ...]:
    """The engine's ports that a route leads to."""
    names = route.ports or [port.name for port in reachable_ports(engine)]
    return tuple(port for port in reachable_ports(engine) if port.name in names)


def reachable_ports(engine: Engine) -> tuple[Port, ...]:
    """The ports that a route may lead to: those of the Service that speak a protocol which Traefik balances by request."""
    return tuple(port for port in engine.ports if port.exposed and port.app_protocol in ENTRY_POINTS)


def reachability(servers: Mapping[str, tuple[Server, Engine]], platform: Platform | None) -> Iterator[Problem]:
    """`servers` are those whose engine is known, by name."""
    taken: dict[tuple[str, str | None, str], str] = {}
    for name, (server, engine) in servers.items():
        if server.route is None:
            continue
        path = ("servers", name, "route")
        yield from _alone(path, server, server.route, engine)
        if platform is not None:
            yield from _through(path, server, platform)
        for port in routed_ports(server.route, engine):
            request = (port.app_protocol, server.route.host, server.route.path if port.app_protocol != GRPC.protocol else "/")
            first = taken.setdefault(request, name)
            if first != name:
                yield Problem(
                    path, f"leads the same requests to this server as servers.{first}.route does to another: give one of them a host"
                )
                break


def _alone(path: Path, server: Server, route: Route, engine: Engine) -> Iterator[Problem]:
    offered = [port.name for port in reachable_ports(engine)]
    for index, name in enumerate(route.ports or ()):
        if name not in offered:
            yield Problem((*path, "ports", index), f"is not a port of {engine.title} that can be routed; it has: {', '.join(offered)}")
    grpc = [port.name for port in routed_ports(route, engine) if port.app_protocol == GRPC.protocol]
    if route.path != "/" and route.host is None and grpc:
        http = ", ".join(name for name in offered if name not in grpc)
        yield Problem(
            (*path, "path"),
            f"gRPC requests have no path of their own to be told apart by: give host, or leave {', '.join(grpc)} out with ports: [{http}]",
        )
    if server.drain < LEAST_DRAIN_SECONDS:
        yield Problem(
            ("servers", path[1], "drain"),
            f"must be at least {LEAST_DRAIN_SECONDS}s for a server with a route: until Traefik has heard of it, it sends requests to a pod "
            "that goes",
        )


def _through(path: Path, server: Server, platform: Platform) -> Iterator[Problem]:
    traefik = platform.traefik
    if traefik.mode is Mode.NONE:
        yield Problem(path, "needs Traefik, which platform.traefik says is not there: set platform.traefik, or leave route out")
    elif server.drain > traefik.drain:
        yield Problem(
            ("platform", "traefik", "drain"),
            f"is shorter than the drain of servers.{path[1]}: whenever a pod of Traefik is replaced, its longer streams would be cut; "
            f"set it to {server.drain:g}s or more",
        )
