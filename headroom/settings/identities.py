"""What must hold of the identities that servers have in their cluster's cloud."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.cloud_identities import CLOUD_IDENTITIES
from headroom.settings.cluster import AksCluster, Cluster, GkeCluster
from headroom.settings.managed_identity import EXAMPLE, managed_identity
from headroom.settings.problems import Path, Problem
from headroom.settings.server import Server


def identity(path: Path, server: Server, cluster: Cluster) -> Iterator[Problem]:
    if server.identity is None:
        return
    on = cluster.runs_on
    known = CLOUD_IDENTITIES.get(on.name)
    if known is None:
        yield Problem((*path, "identity"), f"pods on {on.title} have no identity in a cloud: leave identity out")
    elif isinstance(cluster, AksCluster) and managed_identity(server.identity):
        return
    elif not known.form.fullmatch(server.identity):
        more = f"; or its resource id, {EXAMPLE}" if isinstance(cluster, AksCluster) else ""
        yield Problem((*path, "identity"), f"must be {known.what} on {on.title}, such as {known.example}{more}")
    elif isinstance(cluster, GkeCluster) and not cluster.workload_identity:
        yield Problem((*path, "identity"), "cluster.workloadIdentity is false, so pods have no identity of Google's: leave identity out")
