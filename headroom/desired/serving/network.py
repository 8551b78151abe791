"""How a server is reached, by whom, and whom it reaches.

Source of what a policy means: https://kubernetes.io/docs/concepts/services-networking/network-policies/.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from headroom.catalog.cloud_identities import CLOUD_IDENTITIES
from headroom.catalog.engines.model import Engine
from headroom.catalog.names import APP_COMPONENT, APP_NAME, server_selector, serving_selector, traefik_selector
from headroom.desired.objects import Object, obj
from headroom.desired.serving import load, sidecar
from headroom.settings.network import is_range
from headroom.settings.platform import Mode, Monitoring, Platform, Traefik
from headroom.settings.reachability import routed_ports
from headroom.settings.routing import Route
from headroom.settings.server import Server

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label by which the API server names every namespace."""

_DNS, _HTTPS = 53, 443
_METADATA = (ipaddress.ip_network("169.254.0.0/16"), ipaddress.ip_network("fd00:ec2::254/128"))
"""Where clouds serve their metadata: all of them at IPv4's link-local addresses, AWS at one of IPv6 too."""
_API = (443, 6443)
"""Where API servers listen: behind the address of the Service `kubernetes` each has its own port."""
_EVERYWHERE = ("0.0.0.0/0", "::/0")

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+]*)://(?!https?:)(?P<host>[A-Za-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?")
"""A URL in a text; in the form that Triton wants of an S3 of one's own, `s3://https://host:9000/bucket`, the second."""
_PORTS = {"http": 80, "https": _HTTPS}
_OWN = re.compile(r"localhost|127\..*|0\.0\.0\.0")
"""The pod itself: what it asks, and what it listens at."""
_LAST_PORT = 65535
_IN_CLUSTER = re.compile(r"[a-z0-9-]+\.(?P<namespace>[a-z0-9-]+)\.svc(\..*)?")


def service(name: str, namespace: str, labels: dict[str, str], engine: Engine, server: Server) -> Object:
    """The server's Service, of those pods that answer.

    Pulumi does not wait for its endpoints: the workload's wait covers them, and a model loads for minutes.
    """
    service = obj(
        "v1",
        "Service",
        name,
        namespace=namespace,
        labels=labels,
        spec={
            "selector": serving_selector(engine.name, name, nodes=server.parallelism.nodes),
            "ports": [
                {"name": port.name, "port": port.number, "targetPort": port.name, "appProtocol": port.app_protocol}
                for port in engine.ports
                if port.exposed
            ],
        },
    )
    service["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    return service


@dataclass(frozen=True)
class Neighbours:
    """What of its stack a server's policy depends on."""

    platform: Platform
    route: Route | None
    """The one that leads to it: its own, or that of the server which it stands beside."""
    cloud: str
    """The kind of cluster, one of `headroom.catalog.distributions`."""


def guard(name: str, namespace: str, labels: dict[str, str], engine: Engine, server: Server, around: Neighbours) -> Object:
    """The NetworkPolicy of a server's pods: what it does not let through does not get through, in either direction.

    The kubelet's probes always pass, and so does what the containers of a pod say to each other. Ports are those of pods, which are what a
    policy sees. Nothing leads to the cloud's metadata, where a pod would find its node's credentials: it is served at port 80 and others,
    and at none of an API server's. Without a network plugin that enforces it, it is text only.
    """
    return obj(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        name,
        namespace=namespace,
        labels=labels,
        spec={
            "podSelector": {"matchLabels": server_selector(engine.name, name)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": list(_comes_in(name, namespace, engine, server, around)),
            "egress": list(_goes_out(name, namespace, engine, server, around.cloud)),
        },
    )


def _comes_in(name: str, namespace: str, engine: Engine, server: Server, around: Neighbours) -> Iterator[Object]:
    monitoring, traefik = around.platform.monitoring, around.platform.traefik
    offered = [port.number for port in engine.ports if port.exposed and not port.guarded]
    if monitoring.mode is not Mode.NONE:
        yield {"from": [_prometheus(monitoring)], "ports": _tcp([engine.port(engine.metrics_port).number])}
    if around.route:
        yield {"from": [_traefik(traefik)], "ports": _tcp(port.number for port in routed_ports(around.route, engine))}
    clients = [namespace] if server.network.clients is None else server.network.clients
    asking = [_peer(client) for client in clients]
    if server.load and namespace not in clients:
        asking.append({"podSelector": {"matchLabels": {APP_COMPONENT: load.clients_name(name)}}})
    if asking:
        yield {"from": asking, "ports": _tcp(offered)}
    if server.parallelism.nodes > 1:
        yield {"from": [_each_other(name, engine)]}


def _goes_out(name: str, namespace: str, engine: Engine, server: Server, cloud: str) -> Iterator[Object]:
    # Whoever answers: the cluster's own DNS, a cache on the node, the cloud's.
    yield {"ports": [{"port": _DNS, "protocol": protocol} for protocol in ("UDP", "TCP")]}
    told = list(_told(server))
    anywhere = {port for host, port in told if not _address(host)}
    anywhere |= {_HTTPS} if _fetches(engine, server) or server.identity else set()
    anywhere |= set(_API) if server.parallelism.nodes > 1 or sidecar.of(engine, server) else set()
    if sure := sorted(anywhere & set(_API)):
        # Named by no addresses: to some network plugins a range is never a node or a pod, and an API server is on either.
        yield {"ports": _tcp(sure)}
    if others := sorted(anywhere - set(_API)):
        yield {"to": [_without_metadata(_peer(each)) for each in _EVERYWHERE], "ports": _tcp(others)}
    for host, port in told:
        if address := _address(host):
            yield {"to": [_peer(address)], "ports": _tcp([port])}
    if server.identity:
        for source in CLOUD_IDENTITIES[cloud].sources:
            yield {"to": [_peer(source.addresses)], "ports": _tcp(source.ports)}
    # Behind a Service a port may be another one.
    inside = {found for host, _ in told if (found := _namespace(host, namespace))}
    reached = [_without_metadata(_peer(peer)) for peer in (*server.network.reaches, *sorted(inside - set(server.network.reaches)))]
    if reached:
        yield {"to": reached}
    if server.parallelism.nodes > 1:
        yield {"to": [_each_other(name, engine)]}


def _prometheus(monitoring: Monitoring) -> Object:
    """Of an existing one only the namespace is known: what scrapes there may be an agent."""
    own = {"podSelector": {"matchLabels": {APP_NAME: "prometheus"}}} if monitoring.mode is Mode.HELM else {}
    return {**_peer(monitoring.namespace), **own}


def _traefik(traefik: Traefik) -> Object:
    own = {"podSelector": {"matchLabels": traefik_selector(traefik.release, traefik.namespace)}} if traefik.mode is Mode.HELM else {}
    return {**_peer(traefik.namespace), **own}


def _each_other(name: str, engine: Engine) -> Object:
    """The pods of a group: MPI and NCCL choose their ports."""
    return {"podSelector": {"matchLabels": server_selector(engine.name, name)}}


def _peer(peer: str) -> Object:
    return {"ipBlock": {"cidr": peer}} if is_range(peer) else {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: peer}}}


def _without_metadata(peer: Object) -> Object:
    """A range that is wider than the metadata's does not mean it: there a cloud tells who the node is, and gives its credentials."""
    if "ipBlock" not in peer:
        return peer
    block = ipaddress.ip_network(peer["ipBlock"]["cidr"])
    inside = [str(each) for each in _METADATA if each.network_address in block and each.prefixlen > block.prefixlen]
    return {"ipBlock": {**peer["ipBlock"], "except": inside}} if inside else peer


def _tcp(ports: Iterable[int]) -> list[Object]:
    return [{"port": port, "protocol": "TCP"} for port in ports]


def _fetches(engine: Engine, server: Server) -> bool:
    """Whether its pods get their models themselves, and not from a volume or a preparation."""
    return server.models.uri is not None if server.models else engine.preparation is None


def _told(server: Server) -> Iterator[tuple[str, int]]:
    """Host and port of every URL that the stack file gives to a server; what has no port of its own, such as `s3:`, is a bucket."""
    texts = (*server.environment.values(), *server.arguments, (server.models and server.models.uri) or "")
    for found in (match for text in texts for match in _URL.finditer(text)):
        port = int(found["port"] or _PORTS.get(found["scheme"], 0))
        if 0 < port <= _LAST_PORT and not _OWN.fullmatch(found["host"]):
            yield found["host"], port


def _address(host: str) -> str | None:
    """The range of a host that is one address."""
    try:
        return str(ipaddress.ip_network(host))
    except ValueError:
        return None


def _namespace(host: str, own: str) -> str | None:
    """Where a host is that is the name of a Service."""
    if "." not in host:
        return own
    inside = _IN_CLUSTER.fullmatch(host)
    return inside["namespace"] if inside else None
