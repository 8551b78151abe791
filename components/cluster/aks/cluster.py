"""An AKS cluster with everything that it needs of its own: resource group, network, identity, key, audit logs."""

import pulumi
from pulumi_azure_native import authorization, containerservice, keyvault, managedidentity, monitor, network, operationalinsights, resources

from headroom.desired.clusters import aks
from headroom.settings import Stack
from headroom.settings.cluster import AksCluster
from headroom.settings.cluster.aks import AksCreation

_LONGEST_VAULT_STEM = 16
"""A vault's name has 24 characters, and the provider makes eight of them: a deleted vault keeps its name for days or months."""
_RETENTION_DAYS = 30


class AksControlPlane(pulumi.ComponentResource):
    """The cluster with its system pool. GPU pools are added to it one by one."""

    def __init__(self, name: str, stack: Stack, settings: AksCluster, creation: AksCreation, *, opts: pulumi.ResourceOptions | None = None):
        super().__init__("headroom:cluster:AksControlPlane", name, {}, opts)
        self._name, self._creation = name, creation
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = pulumi.ResourceOptions(parent=self, protect=creation.deletion_protection)
        self._group = resources.ResourceGroup(
            name, resource_group_name=settings.resource_group, location=settings.location, opts=self._child
        )
        self._identity = managedidentity.UserAssignedIdentity(
            name, resource_group_name=self._group.name, resource_name_=name, location=settings.location, opts=self._child
        )
        network_id = self._network(settings.location)
        self.nodes_subnet = _subnet(network_id, aks.NODES_SUBNET)
        vault, key = self._key(settings.location)
        granted = [
            self._grant("network", "Network Contributor", network_id),
            self._grant("key-use", "Key Vault Crypto User", vault.id),
            self._grant("key-link", "Key Vault Contributor", vault.id),
            *(
                self._grant(f"reservations-{number}", "Contributor", scope)
                for number, scope in enumerate(aks.reservation_scopes(aks.agent_pools(stack)))
            ),
        ]
        if creation.deletion_protection:
            self._lock(vault, after=granted)
        self.cluster = containerservice.ManagedCluster(
            name,
            resource_group_name=self._group.name,
            **aks.managed_cluster(stack, settings, creation),
            identity={"type": containerservice.ResourceIdentityType.USER_ASSIGNED, "user_assigned_identities": [self._identity.id]},
            agent_pool_profiles=[
                containerservice.ManagedClusterAgentPoolProfileArgs(**aks.system_pool(creation), vnet_subnet_id=self.nodes_subnet)
            ],
            api_server_access_profile=containerservice.ManagedClusterAPIServerAccessProfileArgs(
                **aks.api_server_access(creation), subnet_id=_subnet(network_id, aks.API_SERVER_SUBNET)
            ),
            security_profile={
                "workload_identity": {"enabled": True},
                "azure_key_vault_kms": {
                    "enabled": True,
                    "key_id": key.key_uri_with_version,
                    "key_vault_network_access": "Private",
                    "key_vault_resource_id": vault.id,
                },
            },
            opts=pulumi.ResourceOptions.merge(
                self._kept, pulumi.ResourceOptions(depends_on=granted, ignore_changes=["agentPoolProfiles[0].count"])
            ),
        )
        self._audit(settings.location)
        self.register_outputs({})

    def _network(self, location: str) -> pulumi.Output[str]:
        made = network.VirtualNetwork(
            self._name,
            virtual_network_name=self._name,
            resource_group_name=self._group.name,
            location=location,
            address_space={"address_prefixes": [self._creation.network]},
            subnets=[network.SubnetArgs(**subnet) for subnet in aks.subnets(self._creation)],
            opts=self._child,
        )
        return made.id

    def _key(self, location: str) -> tuple[keyvault.Vault, keyvault.Key]:
        protected = self._creation.deletion_protection
        vault = keyvault.Vault(
            self._name[:_LONGEST_VAULT_STEM].rstrip("-"),
            resource_group_name=self._group.name,
            location=location,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=self._identity.tenant_id,
                sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                public_network_access="disabled",
                soft_delete_retention_in_days=90 if protected else 7,
                # Once set it stays for good, and Azure takes no `false`.
                enable_purge_protection=True if protected else None,
            ),
            # Azure refuses another number once the vault is there, also when the protection is taken off.
            opts=pulumi.ResourceOptions.merge(self._kept, pulumi.ResourceOptions(ignore_changes=["properties.softDeleteRetentionInDays"])),
        )
        key = keyvault.Key(
            self._name,
            key_name="secrets",
            vault_name=vault.name,
            resource_group_name=self._group.name,
            properties={"kty": "RSA", "key_size": 3072},
            # It goes with its vault: by itself it could be deleted only from inside of the vault's network.
            opts=pulumi.ResourceOptions.merge(self._kept, pulumi.ResourceOptions(retain_on_delete=True)),
        )
        return vault, key

    def _grant(self, what: str, role: str, scope: pulumi.Input[str]) -> authorization.RoleAssignment:
        return authorization.RoleAssignment(
            f"{self._name}-{what}",
            principal_id=self._identity.principal_id,
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            role_definition_id=self._group.id.apply(lambda group: _role(group, role)),
            scope=scope,
            opts=self._child,
        )

    def _lock(self, vault: keyvault.Vault, *, after: list[authorization.RoleAssignment]) -> None:
        # Not on the cluster: what is locked keeps its agent pools too, and none could be replaced.
        authorization.ManagementLockByScope(
            self._name,
            lock_name=self._name,
            scope=vault.id,
            level=authorization.LockLevel.CAN_NOT_DELETE,
            notes="the Secrets of an AKS cluster cannot be read without the key in this vault",
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=after)),
        )

    def _audit(self, location: str) -> None:
        workspace = operationalinsights.Workspace(
            self._name,
            workspace_name=self._name,
            resource_group_name=self._group.name,
            location=location,
            sku={"name": operationalinsights.WorkspaceSkuNameEnum.PER_GB2018},
            retention_in_days=_RETENTION_DAYS,
            opts=self._child,
        )
        monitor.DiagnosticSetting(
            self._name,
            name="audit",
            resource_uri=self.cluster.id,
            workspace_id=workspace.id,
            log_analytics_destination_type="Dedicated",
            logs=[{"category": category, "enabled": True} for category in aks.AUDIT_LOGS],
            opts=self._child,
        )


def _subnet(network_id: pulumi.Output[str], name: str) -> pulumi.Output[str]:
    return pulumi.Output.concat(network_id, "/subnets/", name)


def _role(group_id: str, role: str) -> str:
    """The id of a built-in role in the subscription that a resource group is in."""
    return f"{group_id.partition('/resourceGroups/')[0]}/providers/Microsoft.Authorization/roleDefinitions/{aks.ROLES[role]}"
