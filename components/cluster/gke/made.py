"""A cluster of GKE that the program makes, with all that it stands on."""

import pulumi
import pulumi_gcp as gcp

from headroom.desired.clusters import gke as desired
from headroom.desired.pools.gke import COUNTS_OF_THE_AUTOSCALER
from headroom.settings.cluster.gke import GkeCluster, GkeCreation


class MadeCluster(pulumi.ComponentResource):
    """Network, key, service account, cluster, and nodes without GPUs."""

    def __init__(self, name: str, settings: GkeCluster, creation: GkeCreation, *, opts: pulumi.ResourceOptions | None = None):
        super().__init__("headroom:cluster:GkeCluster", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        network, subnetwork, ways = self._network(name, settings, child)
        self.node_account, self.roles = self._node_account(name, settings, child)
        secrets_key, admitted = self._key(name, settings, creation, child)
        self.cluster = gcp.container.Cluster(
            name,
            **desired.cluster(settings, creation),
            network=network.id,
            subnetwork=subnetwork.id,
            database_encryption={"state": "ENCRYPTED", "key_name": secrets_key},
            node_config={"service_account": self.node_account, "oauth_scopes": list(desired.ALL_SCOPES)},
            # Of the first nodes alone, which are gone.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["nodeConfig"], depends_on=[*admitted, *self.roles]),
        )
        cpu = desired.cpu_pool(settings, creation)
        cpu["node_config"] |= {"service_account": self.node_account}
        nodes = gcp.container.NodePool(
            f"{name}-cpu",
            **cpu,
            cluster=self.cluster.id,
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=list(COUNTS_OF_THE_AUTOSCALER), deleted_with=self.cluster, depends_on=ways
            ),
        )
        self.ready: list[pulumi.Resource] = [nodes, *ways]
        """What must be there before anything is put into the cluster."""
        self.register_outputs({"cluster": self.cluster.id})

    def _network(
        self, name: str, settings: GkeCluster, opts: pulumi.ResourceOptions
    ) -> tuple[gcp.compute.Network, gcp.compute.Subnetwork, list[pulumi.Resource]]:
        asked = desired.network(settings)
        network = gcp.compute.Network(name, **asked.network, opts=opts)
        subnetwork = gcp.compute.Subnetwork(name, **asked.subnetwork, network=network.id, opts=opts)
        router = gcp.compute.Router(name, **asked.router, network=network.id, opts=opts)
        nat = gcp.compute.RouterNat(name, **asked.nat, router=router.name, opts=opts)
        firewall = gcp.compute.Firewall(f"{name}-webhooks", **asked.firewall, network=network.id, opts=opts)
        return network, subnetwork, [nat, firewall]

    def _node_account(
        self, name: str, settings: GkeCluster, opts: pulumi.ResourceOptions
    ) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
        """Who the nodes are, and the roles that they have by this program; one that is given has its own."""
        if settings.node_service_account:
            return settings.node_service_account, []
        account = gcp.serviceaccount.Account(f"{name}-nodes", **desired.node_account(settings), opts=opts)
        member = account.email.apply(lambda email: f"serviceAccount:{email}")
        roles: list[pulumi.Resource] = [
            gcp.projects.IAMMember(f"{name}-nodes-{role.split('.')[-1]}", project=settings.project, role=role, member=member, opts=opts)
            for role in desired.NODE_ROLES
        ]
        return account.email, roles

    def _key(
        self, name: str, settings: GkeCluster, creation: GkeCreation, opts: pulumi.ResourceOptions
    ) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
        """The key of Secrets, and what admits GKE to it; one that is given has its own keeper.

        Google never lets go of the name of a ring or key: theirs end in random digits, so that a destroyed cluster can be made again.
        """
        if creation.secrets_key:
            return creation.secrets_key, []
        ring = gcp.kms.KeyRing(f"{name}-secrets", location=settings.region, project=settings.project, opts=opts)
        key = gcp.kms.CryptoKey(f"{name}-secrets", **desired.key(settings), key_ring=ring.id, opts=opts)
        project = gcp.organizations.get_project_output(project_id=settings.project)
        admitted = gcp.kms.CryptoKeyIAMMember(
            f"{name}-secrets-gke",
            crypto_key_id=key.id,
            role=desired.KEY_ROLE,
            member=project.number.apply(desired.service_agent),
            opts=opts,
        )
        return key.id, [admitted]
