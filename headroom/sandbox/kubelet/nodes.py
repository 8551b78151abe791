"""The addresses of the fake nodes: one each, at which their kubelets answer, kept in the node's status."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from headroom.sandbox.layout import NODE_ADDRESSES, PORTS

Object = Mapping[str, Any]
FAKE = ("kwok.x-k8s.io/node", "fake")


def is_fake(node: Object) -> bool:
    key, value = FAKE
    return (node["metadata"].get("annotations") or {}).get(key) == value


def address(node: Object) -> str | None:
    addresses = (node.get("status") or {}).get("addresses") or ()
    return next((entry["address"] for entry in addresses if entry["type"] == "InternalIP"), None)


def is_registered(node: Object) -> bool:
    """Whether its status says where its kubelet answers."""
    endpoint = ((node.get("status") or {}).get("daemonEndpoints") or {}).get("kubeletEndpoint") or {}
    return address(node) in NODE_ADDRESSES and endpoint.get("Port") == PORTS["kubelet"]


def registration(name: str, taken: Collection[str | None], own: str | None = None) -> dict[str, Any]:
    """What the node's status is to say; `own` is the address that it has already.

    Nodes beyond the last address share it: they have no metrics of their own.
    """
    free = own or next((candidate for candidate in NODE_ADDRESSES if candidate not in taken), NODE_ADDRESSES[-1])
    return {
        "status": {
            "addresses": [{"type": "InternalIP", "address": free}, {"type": "Hostname", "address": name}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": PORTS["kubelet"]}},
        }
    }
