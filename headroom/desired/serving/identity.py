"""Who a server's pods are, and how many of them may go at once."""

from __future__ import annotations

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import serving_selector
from headroom.desired.objects import Object, obj
from headroom.settings.server import Server


def service_account(name: str, namespace: str, labels: dict[str, str]) -> Object:
    return obj("v1", "ServiceAccount", name, namespace=namespace, labels=labels, automountServiceAccountToken=False)


def disruption_budget(name: str, namespace: str, labels: dict[str, str], engine: Engine, server: Server) -> Object:
    """One replica at a time may be evicted. `maxUnavailable`, because `minAvailable: 1` would block every drain at one replica."""
    return obj(
        "policy/v1",
        "PodDisruptionBudget",
        name,
        namespace=namespace,
        labels=labels,
        spec={"maxUnavailable": 1, "selector": {"matchLabels": serving_selector(engine.name, name, nodes=server.parallelism.nodes)}},
    )
