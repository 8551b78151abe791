"""Azure."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from headroom.plugins.recording.names import name_argument
from headroom.plugins.recording.outputs import Cloud, Made
from headroom.plugins.recording.sandbox import Sandbox

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
TENANT = "11111111-1111-1111-1111-111111111111"
_ISSUER = f"https://westus3.oic.prod-aks.azure.com/{TENANT}/recorded/"


def _other(token: str, made: Made) -> dict[str, Any]:
    """An id as a path below the subscription and the resource group."""
    _, module, kind = token.split(":")
    name = made.arguments.get(name_argument(token) or "") or made.name
    group = made.arguments.get("resourceGroupName", "")
    return {"id": f"{_group(group)}/providers/Microsoft.{module.capitalize()}/{kind}s/{name}", "name": name}


def _group(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"


def _cluster_id(arguments: Mapping[str, Any]) -> str:
    return f"{_group(arguments['resourceGroupName'])}/providers/Microsoft.ContainerService/managedClusters/{arguments['resourceName']}"


def _kubelet(name: str) -> dict[str, Any]:
    return {"kubeletidentity": {"clientId": f"client-of-{name}", "objectId": f"object-of-{name}", "resourceId": f"identity-of-{name}"}}


def _identities(given: Mapping[str, Any]) -> dict[str, Any]:
    """A list of ids as an argument, a map by id as a result: without a result the SDK would take the argument for it, and fail."""
    assigned = {each: {"clientId": "recorded", "principalId": "recorded"} for each in given.get("userAssignedIdentities", [])}
    return {"type": given.get("type", "SystemAssigned"), "principalId": "", "tenantId": TENANT, "userAssignedIdentities": assigned}


def _cluster(made: Made) -> dict[str, Any]:
    name = made.arguments["resourceName"]
    return {
        "id": _cluster_id(made.arguments),
        "fqdn": f"{name}.hcp.westus3.azmk8s.io",
        "currentKubernetesVersion": "1.35.1",
        "identity": _identities(made.arguments.get("identity", {})),
        "identityProfile": _kubelet(name),
        "nodeResourceGroup": made.arguments.get("nodeResourceGroup") or f"MC_{name}",
        "oidcIssuerProfile": {"issuerURL": _ISSUER},
        "provisioningState": "Succeeded",
    }


def _agent_pool(made: Made) -> dict[str, Any]:
    return {"id": f"{_cluster_id(made.arguments)}/agentPools/{made.arguments['agentPoolName']}", "provisioningState": "Succeeded"}


def _identity(made: Made) -> dict[str, Any]:
    return {"clientId": f"client-of-{made.name}", "principalId": f"principal-of-{made.name}", "tenantId": TENANT}


def _credentials(arguments: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    """A kubeconfig as Azure gives it for a cluster with Entra ID, format `exec`."""
    name = arguments["resourceName"]
    login = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": [
            "get-token",
            "--environment",
            "AzurePublicCloud",
            "--server-id",
            "recorded",
            "--tenant-id",
            TENANT,
            "--login",
            "devicecode",
        ],
        "env": None,
        "provideClusterInfo": False,
    }
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [
            {"name": name, "cluster": {"server": sandbox.server, "certificate-authority-data": sandbox.certificate_authority}},
        ],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"clusterUser_{name}"}}],
        "users": [{"name": f"clusterUser_{name}", "user": {"exec": login}}],
    }
    return {"kubeconfigs": [{"name": "clusterUser", "value": base64.b64encode(json.dumps(document).encode()).decode()}]}


def _get_cluster(arguments: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    name = arguments["resourceName"]
    return {
        "id": _cluster_id(arguments),
        "name": name,
        "location": "westus3",
        "fqdn": f"{name}.hcp.westus3.azmk8s.io",
        "currentKubernetesVersion": "1.35.1",
        "identityProfile": _kubelet(name),
        "nodeResourceGroup": f"MC_{name}",
        "oidcIssuerProfile": {"enabled": True, "issuerURL": _ISSUER},
        "provisioningState": "Succeeded",
    }


CLOUD = Cloud(
    outputs={
        "azure-native:containerservice:ManagedCluster": _cluster,
        "azure-native:containerservice:AgentPool": _agent_pool,
        "azure-native:managedidentity:UserAssignedIdentity": _identity,
        "azure-native:resources:ResourceGroup": lambda made: {"id": _group(made.arguments["resourceGroupName"])},
    },
    answers={
        "azure-native:containerservice:getManagedCluster": _get_cluster,
        "azure-native:containerservice:listManagedClusterUserCredentials": _credentials,
        "azure-native:managedidentity:getUserAssignedIdentity": lambda arguments, sandbox: {
            "id": f"{_group(arguments['resourceGroupName'])}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
            f"{arguments['resourceName']}",
            "clientId": f"client-of-{arguments['resourceName']}",
            "location": "westus3",
            "name": arguments["resourceName"],
            "principalId": f"principal-of-{arguments['resourceName']}",
            "tenantId": TENANT,
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        },
        "azure-native:authorization:getClientConfig": lambda arguments, sandbox: {
            "clientId": "recorded-client",
            "objectId": "recorded-object",
            "subscriptionId": SUBSCRIPTION,
            "tenantId": TENANT,
        },
    },
    other=_other,
)
