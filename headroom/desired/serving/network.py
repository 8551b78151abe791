"""How a server is reached, and by whom."""

from __future__ import annotations

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import server_selector, serving_selector
from headroom.desired.objects import Object, obj
from headroom.settings.server import Server


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


def guard(name: str, namespace: str, labels: dict[str, str], engine: Engine) -> Object | None:
    """A NetworkPolicy that lets everybody reach the server's open ports and nobody its guarded ones.

    Traffic between containers of one pod is not subject to policies; without a network plugin that enforces them it is text only.
    """
    if not any(port.guarded for port in engine.ports):
        return None
    open_ports = [{"port": port.number, "protocol": "TCP"} for port in engine.ports if not port.guarded]
    return obj(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        name,
        namespace=namespace,
        labels=labels,
        spec={
            "podSelector": {"matchLabels": server_selector(engine.name, name)},
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": open_ports}],
        },
    )
