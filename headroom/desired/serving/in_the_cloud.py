"""Who a server's pods are in their cluster's cloud."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.catalog.cloud_identities import CLOUD_IDENTITIES
from headroom.desired.namespaces import with_pods
from headroom.desired.objects import Object
from headroom.settings.cluster import Cluster, EksCluster


def identified(objects: Mapping[str, Object], server: str, identity: str | None, cluster: Cluster) -> dict[str, Object]:
    """A server's objects with what makes the cloud know its pods.

    Where a managed identity is named by its resource id, that id stands for the client ID, which Azure alone knows.
    Where the program makes the pools of EKS, its component joins ServiceAccount and role by itself (EKS Pod Identity).
    """
    if identity is None or isinstance(cluster, EksCluster):
        return dict(objects)
    known = CLOUD_IDENTITIES[cluster.runs_on.name]
    marked = {role: with_pods(item, server, labels=known.pod_labels) for role, item in objects.items()}
    account = marked["identity"]
    return {**marked, "identity": {**account, "metadata": {**account["metadata"], "annotations": {known.annotation: identity}}}}
