"""How the kubernetes Provider reaches a cluster of GKE: an address, and a program that asks Google for a token each time."""

import json
from typing import Any

import pulumi
import pulumi_gcp as gcp

from headroom.settings.cluster import GkeCluster

PLUGIN = "gke-gcloud-auth-plugin"
_HINT = "https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin"


Found = pulumi.Output[gcp.container.GetClusterResult]


def kubeconfig(settings: GkeCluster, cluster: gcp.container.Cluster | Found) -> pulumi.Output[str]:
    """The kubeconfig of a cluster that the program makes or finds: no token is in it, and none is kept."""
    if isinstance(cluster, gcp.container.Cluster):
        name = cluster.control_plane_endpoints_config.dns_endpoint_config.endpoint
        authority = cluster.master_auth.cluster_ca_certificate
    else:
        name = cluster.control_plane_endpoints_configs[0].dns_endpoint_configs[0].endpoint
        authority = cluster.master_auths[0].cluster_ca_certificate
    if settings.dns_access:
        return name.apply(lambda address: text(settings.name, address, None))
    return pulumi.Output.all(cluster.endpoint, authority).apply(lambda found: text(settings.name, *found))


def text(name: str, address: str, authority: str | None) -> str:
    """`authority` signs the API server's certificate, in base64; None where everybody knows who does (its name at Google)."""
    trust = {"certificate-authority-data": authority} if authority else {}
    user = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": PLUGIN,
        "installHint": f"install {PLUGIN}: {_HINT}",
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": True,
    }
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": f"https://{address}", **trust}}],
        "users": [{"name": name, "user": {"exec": user}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return json.dumps(config)
