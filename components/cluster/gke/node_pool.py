"""A GPU node pool of GKE."""

import pulumi
import pulumi_gcp as gcp

from components.cluster.gke.made import MadeCluster
from headroom.desired.pools.gke import ALL_SCOPES, COUNTS_OF_THE_AUTOSCALER, GkeNodePool
from headroom.settings.cluster import GkeCluster


def node_pool(
    group: GkeNodePool, settings: GkeCluster, made: MadeCluster | None, *, parent: pulumi.Resource | None
) -> gcp.container.NodePool:
    """Where the program makes the cluster, the pool goes with it; elsewhere it is emptied and deleted."""
    arguments = dict(group.arguments)
    if made and not settings.node_service_account:
        nodes = {**arguments["node_config"], "service_account": made.node_account, "oauth_scopes": list(ALL_SCOPES)}
        arguments["node_config"] = nodes
    cluster = made.cluster.id if made else settings.name
    options = pulumi.ResourceOptions(
        parent=parent,
        ignore_changes=list(COUNTS_OF_THE_AUTOSCALER),
        delete_before_replace=group.delete_first,
        deleted_with=made.cluster if made else None,
        depends_on=made.roles if made else None,
    )
    return gcp.container.NodePool(group.role, **arguments, cluster=cluster, opts=options)
