"""The way from Traefik's entrypoints to a server's pods.

Source of the kinds: traefik/traefik docs/content/reference/routing-configuration/kubernetes/crd, pkg/middlewares/{retry,customerrors}.
"""

from __future__ import annotations

from headroom.catalog.engines.model import Engine, Port
from headroom.catalog.entrypoints import ENTRY_POINTS, HTTP
from headroom.desired.objects import Object, obj
from headroom.settings.platform import Traefik
from headroom.settings.reachability import routed_ports
from headroom.settings.routing import Route
from headroom.settings.server import Server

GROUP = "traefik.io/v1alpha1"

DIAL_SECONDS = 2
"""How long a connection to a pod may take, where Traefik would wait 30 s for a node that is gone."""
ATTEMPTS = 4
"""How many pods are tried for a request that could not be handed over. One that was handed over is never sent twice."""
RETRY_AFTER_SECONDS = 10
"""When a client that found no replica may ask again."""


def objects(name: str, namespace: str, labels: dict[str, str], engine: Engine, server: Server, traefik: Traefik) -> dict[str, Object]:
    """A server's route by role; nothing for a server without one."""
    route = server.route
    if route is None:
        return {}
    ports = routed_ports(route, engine)
    sleeps = server.autoscaling.replicas.min == 0 and any(port.app_protocol == HTTP.protocol for port in ports)
    prefixed = {"prefix": {"stripPrefix": {"prefixes": [route.path]}}} if route.path != "/" else {}
    specs = {
        "transport": ("ServersTransport", name, {"forwardingTimeouts": {"dialTimeout": f"{DIAL_SECONDS}s"}}),
        **_middlewares(name, {**prefixed, **(_asleep(name, ports) if sleeps else {}), "retry": {"retry": {"attempts": ATTEMPTS}}}),
        **{
            f"route-{port.name}": ("IngressRoute", f"{name}-{port.name}", _ingress_route(name, port, route, traefik, sleeps=sleeps))
            for port in ports
        },
    }
    return {
        role: obj(GROUP, kind, own_name, namespace=namespace, labels=labels, spec=spec) for role, (kind, own_name, spec) in specs.items()
    }


def rule(route: Route, port: Port) -> str:
    """Which requests are for a server's port. A gRPC request's path is its method: only its host can say which server it is for."""
    path = route.path if port.app_protocol == HTTP.protocol else "/"
    return f"Host(`{route.host}`) && PathPrefix(`{path}`)" if route.host else f"PathPrefix(`{path}`)"


def _middlewares(name: str, specs: dict[str, Object]) -> dict[str, tuple[str, str, Object]]:
    return {role: ("Middleware", f"{name}-{role}", spec) for role, spec in specs.items()}


def _asleep(name: str, ports: tuple[Port, ...]) -> dict[str, Object]:
    """What an HTTP client gets while there is no replica: 503 that says when to ask again.

    Traefik lets a Service write the page of an error. The server's own does: it has no pods either, so its page is the same 503, and
    what comes from this use of it alone gets the header.
    """
    port = next(port.name for port in ports if port.app_protocol == HTTP.protocol)
    page = {"kind": "Service", "name": name, "port": port, "nativeLB": False, "middlewares": [{"name": f"{name}-retry-after"}]}
    return {
        "asleep": {"errors": {"status": ["503"], "query": "/", "service": page}},
        "retry-after": {"headers": {"customResponseHeaders": {"Retry-After": str(RETRY_AFTER_SECONDS)}}},
    }


def _ingress_route(name: str, port: Port, route: Route, traefik: Traefik, *, sleeps: bool) -> Object:
    http = port.app_protocol == HTTP.protocol
    # From the outside in. A gRPC client takes any 503 for UNAVAILABLE, and asks again as its own policy says.
    passed = [*(["prefix"] if http and route.path != "/" else []), *(["asleep"] if http and sleeps else []), "retry"]
    service = {
        "kind": "Service",
        "name": name,
        "port": port.name,
        "scheme": ENTRY_POINTS[port.app_protocol].scheme,
        "strategy": str(route.balancing),
        "serversTransport": name,
        # Whatever the provider's default is: behind a cluster address all streams of a connection go to one pod.
        "nativeLB": False,
        **({"sticky": {"cookie": {"name": f"headroom-{name}", "httpOnly": True}}} if route.sticky else {}),
    }
    return {
        "entryPoints": [traefik.entrypoints.of(port.app_protocol)],
        "routes": [
            {
                "kind": "Rule",
                "match": rule(route, port),
                "middlewares": [{"name": f"{name}-{role}"} for role in passed],
                "services": [service],
            }
        ],
    }
