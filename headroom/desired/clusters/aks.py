"""An AKS cluster of its own: what is asked of Azure, but for what only Azure knows.

Sources: MicrosoftDocs/azure-aks-docs articles/aks/api-server-vnet-integration.md (subnets, private and public),
use-kms-etcd-encryption.md (a private key vault needs that integration, and which roles), cluster-autoscaler.md (the profile),
monitor-aks-reference.md (logs); MicrosoftDocs/azure-docs role-based-access-control/built-in-roles.md.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from math import ceil
from types import MappingProxyType
from typing import Any

import yaml

from headroom import yaml_text
from headroom.catalog.names import content_name
from headroom.desired.pools.aks import AgentPool, agent_pools, falls_back
from headroom.settings.cluster import AksCluster
from headroom.settings.cluster.aks import PODS, SERVICES, AksCreation
from headroom.settings.stack import Stack

NODES_SUBNET = "nodes"
API_SERVER_SUBNET = "api-server"
SYSTEM_POOL = "system"

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
        "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
        "Key Vault Contributor": "f25e0fa2-a7c8-4377-a976-54943a77a395",
        "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    }
)
"""Built-in roles by name: the ids are the same in every tenant."""

AUDIT_LOGS = ("kube-audit-admin", "guard", "cluster-autoscaler")
"""Who changed what, who logged in, and why nodes came and went. `kube-audit` has every read too, at many times the price."""

AUDIENCE = "api://AzureADTokenExchange"
"""For whom the cluster signs tokens that Azure takes (learn.microsoft.com/azure/aks/workload-identity-deploy-cluster)."""
_TOKEN_AUDIENCE = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The application that stands for the API servers of all AKS clusters (Azure/kubelogin docs/book/src/concepts/aks.md)."""
_TERMINATION_SECONDS = 600


def subject(namespace: str, server: str) -> str:
    """Who a server's pods are, as the cluster's issuer says it."""
    return f"system:serviceaccount:{namespace}:{server}"


def credential_name(cluster: str, subject: str) -> str:
    """Of a federated credential: unique to cluster and server among those of an identity."""
    return content_name(cluster, {"subject": subject})


def subnets(creation: AksCreation) -> list[dict[str, Any]]:
    """The first half of the network is for nodes; of the rest the API server has the sixteen addresses that it needs."""
    nodes, rest = ipaddress.IPv4Network(creation.network).subnets(prefixlen_diff=1)
    api_server = next(rest.subnets(new_prefix=28))
    delegation = {"name": "aks", "service_name": "Microsoft.ContainerService/managedClusters"}
    return [
        {"name": NODES_SUBNET, "address_prefix": str(nodes)},
        {"name": API_SERVER_SUBNET, "address_prefix": str(api_server), "delegations": [delegation]},
    ]


def managed_cluster(stack: Stack, cluster: AksCluster, creation: AksCreation) -> dict[str, Any]:
    """Arguments of `azure_native.containerservice.ManagedCluster`, but for its identity, its subnets and its key."""
    return {
        "resource_name_": cluster.name,
        "location": cluster.location,
        "dns_prefix": cluster.name,
        **({"kubernetes_version": creation.version} if creation.version else {}),
        "sku": {"name": "Base", "tier": "Standard"},
        "aad_profile": {"managed": True, "enable_azure_rbac": False, "admin_group_object_ids": list(creation.admins)},
        "disable_local_accounts": True,
        "enable_rbac": True,
        "oidc_issuer_profile": {"enabled": True},
        "network_profile": {
            "network_plugin": "azure",
            "network_plugin_mode": "overlay",
            "network_dataplane": "cilium",
            "network_policy": "cilium",
            "load_balancer_sku": "standard",
            "outbound_type": "loadBalancer",
            "pod_cidr": PODS,
            "service_cidr": SERVICES,
            "dns_service_ip": str(ipaddress.IPv4Network(SERVICES)[10]),
        },
        "auto_scaler_profile": autoscaler_profile(stack),
    }


def api_server_access(creation: AksCreation) -> dict[str, Any]:
    """Who reaches the API server: nodes by their own network always, everybody else as the stack says."""
    return {
        "enable_vnet_integration": True,
        "enable_private_cluster": not creation.api_access,
        **({} if creation.api_access else {"enable_private_cluster_public_fqdn": False}),
        **({"authorized_ip_ranges": list(creation.api_access)} if creation.api_access else {}),
        "disable_run_command": True,
    }


def system_pool(creation: AksCreation) -> dict[str, Any]:
    """The pool that a cluster cannot be without, but for its subnet: AKS takes it only as a part of the cluster."""
    system = creation.system
    return {
        "name": SYSTEM_POOL,
        "mode": "System",
        "type": "VirtualMachineScaleSets",
        "os_type": "Linux",
        "os_sku": "Ubuntu",
        "vm_size": system.machine,
        "enable_auto_scaling": True,
        "min_count": system.min,
        "max_count": system.max,
        "count": system.min,
        **({"availability_zones": list(system.zones)} if system.zones else {}),
    }


def autoscaler_profile(stack: Stack) -> dict[str, Any]:
    """What AKS's node autoscaler does otherwise than by default. It has one profile for all pools."""
    drain = max((server.drain for server in stack.servers.values()), default=0)
    return {
        "expander": "priority" if falls_back(agent_pools(stack)) else "least-waste",
        # The operator's DaemonSets fill a good part of a node that serves nobody.
        "ignore_daemonsets_utilization": True,
        # Caches and shared memory are emptyDir volumes: a node must be able to go all the same.
        "skip_nodes_with_local_storage": "false",
        "max_graceful_termination_sec": str(max(_TERMINATION_SECONDS, ceil(drain))),
        # A driver and a large image take their time: given up after the default of 15 minutes, a node is asked for a second time.
        "max_node_provision_time": "30m",
    }


def kubeconfig(said: str, login: str) -> str:
    """AKS's own kubeconfig of a cluster, with a user who asks kubelogin for a token instead of a browser.

    Raises `ValueError` where it names no cluster.
    """
    found = yaml_text.load(said)
    clusters = found.get("clusters") if isinstance(found, dict) else None
    if not clusters:
        raise ValueError("the kubeconfig that AKS gives names no cluster")
    name = clusters[0]["name"]
    execute = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": ["get-token", "--server-id", _TOKEN_AUDIENCE, "--login", login],
        "interactiveMode": "Never",
        "installHint": "install kubelogin: https://azure.github.io/kubelogin",
    }
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": clusters[:1],
            "users": [{"name": name, "user": {"exec": execute}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )


def reservation_scopes(pools: tuple[AgentPool, ...]) -> tuple[str, ...]:
    """The resource groups of the reservations that pools use: there the cluster needs the role Contributor."""
    ids = {pool.arguments.get("capacity_reservation_group_id") for pool in pools} - {None}
    return tuple(sorted({str(found).split("/providers/")[0] for found in ids}))
