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
        yield from _alone(path, server.route, engine)
        yield from _together(name, server, server.route, servers)
        if platform is not None and platform.traefik.mode is Mode.NONE:
            yield Problem(path, "needs Traefik, which platform.traefik says is not there: set platform.traefik, or leave route out")
        for reached in (name, *server.route.also):
            if reached in servers:
                yield from _drains(reached, servers[reached][0], platform)
        for port in routed_ports(server.route, engine):
            request = (port.app_protocol, server.route.host, server.route.path if port.app_protocol != GRPC.protocol else "/")
            first = taken.setdefault(request, name)
            if first != name:
                yield Problem(
                    path, f"leads the same requests to this server as servers.{first}.route does to another: give one of them a host"
                )
                break


def route_owner(servers: Mapping[str, Server], name: str) -> str | None:
    """The server by whose route a server is reached together with others; None for one that is reached alone, or not at all."""
    joined = {first: (first, *server.route.also) for first, server in servers.items() if server.route and server.route.also}
    return next((first for first, members in joined.items() if name in members), None)


def _together(name: str, server: Server, route: Route, servers: Mapping[str, tuple[Server, Engine]]) -> Iterator[Problem]:
    """Whoever asks must not notice which of a route's servers answers."""
    engine = servers[name][1]
    for index, other in enumerate(route.also):
        path = ("servers", name, "route", "also", index)
        if other == name or other not in servers:
            yield Problem(path, f"must be another server of the stack; there are: {', '.join(found for found in servers if found != name)}")
            continue
        settings, its = servers[other]
        if (its.name, settings.model, settings.namespace) != (engine.name, server.model, server.namespace):
            yield Problem(path, f"must have the engine, model and namespace of servers.{name}: its replicas answer the same requests")
        if settings.route is not None:
            yield Problem(("servers", other, "route"), f"must be left out: servers.{name}.route leads to this server already")
        if route_owner({found: each for found, (each, _) in servers.items()}, other) != name:
            yield Problem(path, "is reached by another server's route already")


def _alone(path: Path, route: Route, engine: Engine) -> Iterator[Problem]:
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


def _drains(name: str, server: Server, platform: Platform | None) -> Iterator[Problem]:
    if server.drain < LEAST_DRAIN_SECONDS:
        yield Problem(
            ("servers", name, "drain"),
            f"must be at least {LEAST_DRAIN_SECONDS}s for a server with a route: until Traefik has heard of it, it sends requests to a pod "
            "that goes",
        )
    if platform is not None and platform.traefik.mode is not Mode.NONE and server.drain > platform.traefik.drain:
        yield Problem(
            ("platform", "traefik", "drain"),
            f"is shorter than the drain of servers.{name}: whenever a pod of Traefik is replaced, its longer streams would be cut; "
            f"set it to {server.drain:g}s or more",
        )
