"""Who servers are in Azure: federated credentials of the managed identities that a stack names by their resource ids."""

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import managedidentity

from headroom.desired.clusters import aks
from headroom.settings import Stack
from headroom.settings.managed_identity import ManagedIdentity, managed_identity


class ServerIdentities(pulumi.ComponentResource):
    """Lets the pods of servers be managed identities, as the cluster's own issuer says who they are."""

    known: dict[str, pulumi.Output[str]]
    """Client IDs by resource id."""
    admitted: list[pulumi.Resource]
    """What must be there before a server's pods ask for a token."""

    def __init__(self, name: str, stack: Stack, issuer: pulumi.Output[str], *, opts: pulumi.ResourceOptions | None = None):
        super().__init__("headroom:cluster:AksIdentities", name, {}, opts)
        self._name, self._here = name, pulumi.ResourceOptions(parent=self)
        self._subscriptions: dict[str, azure.Provider] = {}
        self.known = {}
        last: dict[str, pulumi.Resource] = {}
        self.admitted = []
        for server, settings in stack.servers.items():
            found = managed_identity(settings.identity) if settings.identity else None
            if settings.identity is None or found is None:
                continue
            self.known[settings.identity] = self._client_id(found)
            subject = aks.subject(settings.namespace or stack.namespace, server)
            credential = managedidentity.FederatedIdentityCredential(
                f"{name}-{server}",
                resource_group_name=found.group,
                resource_name_=found.name,
                federated_identity_credential_resource_name=aks.credential_name(name, subject),
                issuer=issuer,
                subject=subject,
                audiences=[aks.AUDIENCE],
                opts=pulumi.ResourceOptions(
                    parent=self,
                    provider=self._in(found),
                    # Azure refuses two changes of one identity at once.
                    depends_on=[last[settings.identity]] if settings.identity in last else None,
                ),
            )
            last[settings.identity] = credential
            self.admitted.append(credential)
        self.register_outputs({})

    def _client_id(self, identity: ManagedIdentity) -> pulumi.Output[str]:
        found = managedidentity.get_user_assigned_identity_output(
            identity.group, identity.name, opts=pulumi.InvokeOutputOptions(provider=self._in(identity))
        )
        return found.client_id

    def _in(self, identity: ManagedIdentity) -> azure.Provider:
        """The identity's subscription, which need not be the cluster's."""
        if identity.subscription not in self._subscriptions:
            name = f"{self._name}-{identity.subscription}"
            self._subscriptions[identity.subscription] = azure.Provider(name, subscription_id=identity.subscription, opts=self._here)
        return self._subscriptions[identity.subscription]
