"""Which arguments make a new resource when they change, by kind of resource and with the source.

`ForceNew` in the Terraform providers that AWS's and Google's are bridged from (hashicorp/terraform-provider-aws `internal/service/…`,
hashicorp/terraform-provider-google-beta `google-beta/services/…`); for Azure the parts of a resource's path and `forceNewMap` of
pulumi-azure-native, provider/pkg/gen/replacement.go. A change of a kind that is not in the table is refused: nobody has looked.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Replaces:
    """`arguments`: paths without positions in lists; a change at or below one replaces."""

    arguments: tuple[str, ...]
    source: str

    def on(self, path: str) -> bool:
        return any(path == each or path.startswith(f"{each}.") for each in self.arguments)


class NotLookedUp(Exception):
    """A resource of a kind changes whose replacing arguments nobody has looked up."""


def rules(token: str) -> Replaces:
    """Raises `NotLookedUp`."""
    if token not in REPLACES:
        raise NotLookedUp(f"headroom/plugins/recording/replaces.py does not say which arguments replace a {token}")
    return REPLACES[token]


_AZURE = "pulumi-azure-native provider/pkg/gen/replacement.go and the resource's path"

# fmt: off
REPLACES: dict[str, Replaces] = {
    "aws:eks/nodeGroup:NodeGroup": Replaces(
        ("amiType", "capacityType", "clusterName", "diskSize", "instanceTypes", "launchTemplate.id", "launchTemplate.name", "nodeGroupName",
         "nodeGroupNamePrefix", "nodeRoleArn", "region", "remoteAccess", "subnetIds"),
        "terraform-provider-aws internal/service/eks/node_group.go",
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": Replaces(
        ("name", "namePrefix", "region"), "terraform-provider-aws internal/service/ec2/ec2_launch_template.go",
    ),
    "aws:autoscaling/tag:Tag": Replaces(
        ("autoscalingGroupName", "region", "tag.key"), "terraform-provider-aws internal/service/autoscaling/group_tag.go",
    ),
    "gcp:container/nodePool:NodePool": Replaces(
        ("cluster", "initialNodeCount", "location", "maxPodsPerNode", "name", "namePrefix", "networkConfig.acceleratorNetworkProfile",
         "networkConfig.additionalNodeNetworkConfigs", "networkConfig.additionalPodNetworkConfigs", "networkConfig.createPodRange",
         "networkConfig.podCidrOverprovisionConfig", "networkConfig.podIpv4CidrBlock", "networkConfig.podRange", "networkConfig.subnetwork",
         "nodeConfig.advancedMachineFeatures", "nodeConfig.bootDiskKmsKey", "nodeConfig.confidentialNodes.confidentialInstanceType",
         "nodeConfig.enableConfidentialStorage", "nodeConfig.ephemeralStorageConfig", "nodeConfig.ephemeralStorageLocalSsdConfig",
         "nodeConfig.flexStart", "nodeConfig.guestAccelerators", "nodeConfig.hostMaintenancePolicy", "nodeConfig.localNvmeSsdBlockConfig",
         "nodeConfig.localSsdCount", "nodeConfig.localSsdEncryptionMode", "nodeConfig.maxRunDuration", "nodeConfig.metadata",
         "nodeConfig.minCpuPlatform", "nodeConfig.nodeGroup", "nodeConfig.oauthScopes", "nodeConfig.preemptible",
         "nodeConfig.reservationAffinity", "nodeConfig.sandboxConfig", "nodeConfig.secondaryBootDisks", "nodeConfig.serviceAccount",
         "nodeConfig.shieldedInstanceConfig", "nodeConfig.soleTenantConfig", "nodeConfig.spot", "placementPolicy", "project",
         "queuedProvisioning"),
        "terraform-provider-google-beta google-beta/services/container/{resource_container_node_pool,node_config}.go",
    ),
    "gcp:container/cluster:Cluster": Replaces(
        ("clusterAutoscaling.autoProvisioningDefaults.bootDiskKmsKey", "clusterIpv4Cidr", "confidentialNodes",
         "dataplaneOptimizationMode", "datapathProvider", "defaultMaxPodsPerNode", "description", "enableAutopilot",
         "enableKubernetesAlpha", "enableTpu", "initialNodeCount", "ipAllocationPolicy.clusterIpv4CidrBlock",
         "ipAllocationPolicy.clusterSecondaryRangeName",
         "ipAllocationPolicy.podCidrOverprovisionConfig", "ipAllocationPolicy.servicesIpv4CidrBlock",
         "ipAllocationPolicy.servicesSecondaryRangeName", "location", "masterAuth.clientCertificateConfig", "name", "network",
         "networkingMode", "nodePools", "privateClusterConfig.masterIpv4CidrBlock", "privateClusterConfig.privateEndpointSubnetwork",
         "project", "subnetwork", "userManagedKeysConfig.aggregationCa", "userManagedKeysConfig.clusterCa",
         "userManagedKeysConfig.etcdApiCa", "userManagedKeysConfig.etcdPeerCa"),
        "terraform-provider-google-beta google-beta/services/container/resource_container_cluster.go",
    ),
    "azure-native:containerservice:AgentPool": Replaces(
        ("agentPoolName", "gpuInstanceProfile", "resourceGroupName", "resourceName", "vmSize"), _AZURE,
    ),
    "azure-native:containerservice:ManagedCluster": Replaces(
        ("diskEncryptionSetID", "dnsPrefix", "fqdnSubdomain", "linuxProfile", "location", "networkProfile", "nodeResourceGroup",
         "resourceGroupName", "resourceName", "windowsProfile"), _AZURE,
    ),
    "azure-native:resources:ResourceGroup": Replaces(("location", "resourceGroupName"), _AZURE),
}
# fmt: on
