"""How many nodes each pool has at this moment, as the live cluster says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from headroom.catalog.names import POOL_NODE_LABEL
from headroom.doctor.access import access
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.settings import Stack

_NODE = GVK("v1", "Node")


def nodes_by_pool(stack: Stack, clone: Clone) -> Mapping[str, int] | None:
    """Nodes by the name of their pool, 0 for a pool without any; None where the cluster does not answer or does not say."""
    way = access(stack.cluster, clone)
    if not stack.pools or not way.leads:
        return None
    try:
        nodes = Client.from_kubeconfig(way.kubeconfig, context=way.context or "").list(_NODE, label_selector=POOL_NODE_LABEL)
    except ClusterError:
        return None
    counted = Counter(node["metadata"]["labels"][POOL_NODE_LABEL] for node in nodes)
    return {pool: counted[pool] for pool in stack.pools}
