"""Names of resources that a program leaves to the provider."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from headroom.plugins.recording import sdk

DEFAULTS = "__defaults"
"""The bridged providers' list of arguments that they chose themselves."""
CREATED_FIRST = "__createBeforeDelete"
"""Azure's mark on arguments whose name it chose itself."""

# The argument that is the name where it is not `name`. AWS: pulumi-aws provider/resources.go (`AutoName`); Azure: the last part of
# the resource's path.
_NAME = {
    "aws:eks/nodeGroup:NodeGroup": "nodeGroupName",
    "azure-native:containerservice:AgentPool": "agentPoolName",
    "azure-native:containerservice:ManagedCluster": "resourceName",
    "azure-native:keyvault:Vault": "vaultName",
    "azure-native:keyvault:Key": "keyName",
    "azure-native:operationalinsights:Workspace": "workspaceName",
    "azure-native:authorization:RoleAssignment": "roleAssignmentName",
    "azure-native:authorization:ManagementLockByScope": "lockName",
    "azure-native:managedidentity:UserAssignedIdentity": "resourceName",
    "azure-native:managedidentity:FederatedIdentityCredential": "federatedIdentityCredentialResourceName",
    "azure-native:network:NatGateway": "natGatewayName",
    "azure-native:network:PublicIPAddress": "publicIpAddressName",
    "azure-native:network:Subnet": "subnetName",
    "azure-native:network:VirtualNetwork": "virtualNetworkName",
    "azure-native:resources:ResourceGroup": "resourceGroupName",
}


def name_argument(token: str) -> str | None:
    """The argument that names a resource of this kind and that the provider fills in where the program does not."""
    name = _NAME.get(token, "name")
    field = sdk.resource(token).arguments.get(name)
    return name if field is not None and str in field.types else None


def is_explicit(token: str, arguments: Mapping[str, Any]) -> bool:
    name = name_argument(token)
    return name is not None and name in arguments and name not in arguments.get(DEFAULTS, [])


def with_name(token: str, logical: str, old: Mapping[str, Any], new: Mapping[str, Any], seed: bytes) -> dict[str, Any]:
    """`new` with the name that the provider gives: the one it gave before, else the logical name and seven characters."""
    azure = token.startswith("azure-native:")
    name = name_argument(token)
    marks: dict[str, Any] = {} if azure else {DEFAULTS: []}
    if name is None or name in new or f"{name}Prefix" in new:
        return {**new, **marks}
    chosen = old.get(CREATED_FIRST, False) if azure else name in old.get(DEFAULTS, [])
    made_up = old[name] if chosen else f"{logical}-{hashlib.sha256(seed).hexdigest()[:7]}"
    return {**new, name: made_up, **({CREATED_FIRST: True} if azure else {DEFAULTS: [name]})}
