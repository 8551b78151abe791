"""Which Service a load goes to, and with which request: read from the stack that asks for the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from headroom.catalog.entrypoints import ENTRY_POINTS
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import HOST
from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols import protocol
from headroom.sandbox.load.protocols.form import Call
from headroom.settings import Stack
from headroom.settings.consistency import engine_of
from headroom.settings.overrides import served_name
from headroom.settings.reachability import routed_ports
from headroom.settings.server import Server


@dataclass(frozen=True)
class Aim:
    namespace: str
    service: str
    call: Call
    port: str
    """Name of the Service's port."""
    entrance: Address | None = None
    """Where requests come in; None: at the pods themselves."""


def aim(stack: Stack, server: str, options: Mapping[str, float] | None = None, *, direct: bool = False) -> Aim:
    """`options` are the protocol's, such as the length of prompts. Requests take the server's route where it has one, unless `direct`.

    Raises `SandboxError` for an unknown server, one of several models, an engine whose protocol is not spoken here, an unknown option, or a
    route that takes no clear text.
    """
    if server not in stack.servers:
        raise SandboxError(f"stack {stack.name} has no server {server!r}; its servers: {', '.join(stack.servers) or 'none'}")
    settings = stack.servers[server]
    spoken = protocol(settings.engine)
    model = served_name(settings, engine_of(settings)) or (_only_model(stack, server) if spoken.names_model else "")
    call = spoken.call(model, spoken.values(options or {}))
    entrance = None if direct else _entrance(settings, call.port)
    if entrance and stack.platform.traefik.tls:
        raise SandboxError(f"servers.{server}.route is reached over TLS, and the load is in clear text: send it to the pods with --direct")
    return Aim(settings.namespace or stack.namespace, server, call, call.port, entrance)


def at_another(target: Aim, namespace: str, service: str, port: str) -> Aim:
    """The same requests to the pods of a Service that no stack has: an ingress would lead them to the stack's own server."""
    return replace(target, namespace=namespace, service=service, port=port, entrance=None)


def _entrance(server: Server, port: str) -> Address | None:
    """Traefik's entrypoint for a port of a server with a route; it listens in the sandbox's own network, as in a pod's."""
    if server.route is None:
        return None
    routed = next((routed for routed in routed_ports(server.route, engine_of(server)) if routed.name == port), None)
    if routed is None:
        return None
    return Address(HOST, ENTRY_POINTS[routed.app_protocol].listens, server.route.host or "", server.route.path.removesuffix("/"))


def _only_model(stack: Stack, server: str) -> str:
    models = {path.partition("/")[0] for path in stack.model_files.get(server, {})}
    if len(models) != 1:
        raise SandboxError(f"servers.{server}: which model shall be asked? Name it as `model`; its files hold {len(models)} models")
    return models.pop()
