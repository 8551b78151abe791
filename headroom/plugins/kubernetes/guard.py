"""The stand-in works on the sandbox only: a server on this machine whose nodes are all fake."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from headroom.plugins.kubernetes.client import Object

FAKE_NODE = ("kwok.x-k8s.io/node", "fake")
REMEDY = (
    "Use Pulumi's own plugin there (`pulumi plugin install resource kubernetes v4.34.2` with the official CLI on the PATH), "
    "or point the kubeconfig at the sandbox (`headroom sandbox up`)."
)


class ClusterRefused(Exception):
    """The cluster is not the sandbox, or is asked in a way that is not the stand-in's."""


def refuse_distant(server: str) -> None:
    """Raises `ClusterRefused` unless `server` (a URL) is on a loopback address."""
    host = urlsplit(server).hostname or ""
    if host != "localhost" and not _is_loopback(host):
        raise ClusterRefused(
            f"headroom's stand-in for the Kubernetes plugin refuses the cluster at {host}: it is not on this machine. {REMEDY}"
        )


def refuse_real_nodes(nodes: Iterable[Object]) -> None:
    """Raises `ClusterRefused` when a node runs containers for somebody."""
    for node in nodes:
        if is_real(node):
            name = node["metadata"]["name"]
            raise ClusterRefused(f"headroom's stand-in for the Kubernetes plugin refuses a cluster with the real node {name}. {REMEDY}")


def is_real(node: Object) -> bool:
    """A kubelet reports a version like `v1.36.4`; KWOK and a node nobody has taken yet do not."""
    annotation, value = FAKE_NODE
    if (node["metadata"].get("annotations") or {}).get(annotation) == value:
        return False
    version = ((node.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion", "")
    return version.startswith("v")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
