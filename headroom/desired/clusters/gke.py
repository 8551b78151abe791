"""A cluster on GKE with its network, its key and its nodes without GPUs: arguments of Pulumi's Google Cloud provider.

Sources: docs.cloud.google.com/kubernetes-engine how-to/private-clusters (addresses, firewall), how-to/encrypting-secrets (key and who uses
it), how-to/hardening-your-cluster (service account of nodes, Dataplane V2, shielded nodes), concepts/cluster-autoscaler (profiles),
concepts/dns-based-endpoint, how-to/audit-logging; GoogleCloudPlatform/magic-modules
mmv1/third_party/terraform/services/container/resource_container_cluster.go.tmpl.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from headroom.catalog.names import MANAGER
from headroom.desired.objects import Object
from headroom.desired.pools.gke import ALL_SCOPES, LONGEST_NAME
from headroom.desired.pools.naming import group_name
from headroom.settings.cluster.gke import GkeCluster, GkeCreation

NODE_ROLES = ("roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader")
"""What nodes may do: write logs and metrics, and pull images of the project."""
KEY_ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
PODS, SERVICES = "pods", "services"

# A network of its own: nobody else's addresses are in the way until it is joined to another.
_NODE_ADDRESSES = "10.0.0.0/20"
_RANGES = {PODS: "10.4.0.0/14", SERVICES: "10.8.0.0/20"}
_CONTROL_PLANE_ADDRESSES = "172.16.0.32/28"
_WEBHOOK_PORTS = ("9443",)
"""On which the LeaderWorkerSet controller's webhooks listen. GKE itself lets its control plane reach 443 and 10250 of private nodes, which
is where this program puts everything else."""
_ROTATION = f"{90 * 24 * 3600}s"
_LONGEST_ACCOUNT = 30


@dataclass(frozen=True)
class Network:
    """The network of a cluster; what of it names another part is filled in by whoever makes them."""

    network: Object
    subnetwork: Object
    router: Object
    nat: Object
    firewall: Object


def network(cluster: GkeCluster) -> Network:
    """Private nodes, which reach the internet (registries, model hubs) through a gateway that lets nothing in."""
    here = {"project": cluster.project, "region": cluster.region}
    return Network(
        network={"name": cluster.name, "project": cluster.project, "auto_create_subnetworks": False},
        subnetwork={
            **here,
            "name": cluster.name,
            "ip_cidr_range": _NODE_ADDRESSES,
            "secondary_ip_ranges": [{"range_name": name, "ip_cidr_range": addresses} for name, addresses in _RANGES.items()],
            "private_ip_google_access": True,
        },
        router={**here, "name": cluster.name},
        nat={
            **here,
            "name": cluster.name,
            "nat_ip_allocate_option": "AUTO_ONLY",
            "source_subnetwork_ip_ranges_to_nat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
        },
        firewall={
            "name": f"{cluster.name}-webhooks",
            "project": cluster.project,
            "direction": "INGRESS",
            "source_ranges": [_CONTROL_PLANE_ADDRESSES],
            "allows": [{"protocol": "tcp", "ports": list(_WEBHOOK_PORTS)}],
        },
    )


def cluster(settings: GkeCluster, creation: GkeCreation) -> Object:
    """The cluster, but for its network, its key and the service account of its nodes."""
    # The zone of a cluster in one zone is among them anyway, and refused when it is said again.
    further = [zone for zone in settings.zones if zone != settings.location]
    return {
        "name": settings.name,
        "project": settings.project,
        "location": settings.location,
        **({"node_locations": further} if further else {}),
        "deletion_protection": creation.deletion_protection,
        "release_channel": {"channel": creation.channel.upper()},
        **({"min_master_version": creation.version} if creation.version else {}),
        # The nodes that GKE insists on at first; pools of their own follow.
        "remove_default_node_pool": True,
        "initial_node_count": 1,
        "networking_mode": "VPC_NATIVE",
        "datapath_provider": "ADVANCED_DATAPATH",
        **({"enable_multi_networking": True} if creation.multi_networking else {}),
        "ip_allocation_policy": {"cluster_secondary_range_name": PODS, "services_secondary_range_name": SERVICES},
        "private_cluster_config": {
            "enable_private_nodes": True,
            "enable_private_endpoint": not creation.api_access,
            "master_ipv4_cidr_block": _CONTROL_PLANE_ADDRESSES,
        },
        "master_authorized_networks_config": {
            "gcp_public_cidrs_access_enabled": False,
            "cidr_blocks": [{"cidr_block": addresses} for addresses in creation.api_access],
        },
        "control_plane_endpoints_config": {"dns_endpoint_config": {"allow_external_traffic": settings.dns_access}},
        "master_auth": {"client_certificate_config": {"issue_client_certificate": False}},
        **({"workload_identity_config": {"workload_pool": f"{settings.project}.svc.id.goog"}} if settings.workload_identity else {}),
        "cluster_autoscaling": {"autoscaling_profile": creation.autoscaling_profile.replace("-", "_").upper()},
        # What administrators do is in Cloud Audit Logs whatever is said here; this adds what the control plane itself says.
        "logging_config": {"enable_components": ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"]},
        # The stack has a Prometheus of its own: a second one would scrape, and cost, the same again.
        "monitoring_config": {"enable_components": ["SYSTEM_COMPONENTS"], "managed_prometheus": {"enabled": False}},
        "addons_config": {
            "gce_persistent_disk_csi_driver_config": {"enabled": True},
            "gcp_filestore_csi_driver_config": {"enabled": True},
            "gcs_fuse_csi_driver_config": {"enabled": settings.workload_identity},
        },
    }


def cpu_pool(settings: GkeCluster, creation: GkeCreation) -> Object:
    """The node pool of everything that needs no GPU, but for its cluster and its service account."""
    nodes = creation.cpu
    replacing = {"machine_type": nodes.machine, "service_account": settings.node_service_account}
    return {
        "name": group_name("cpu", replacing, longest=LONGEST_NAME),
        "project": settings.project,
        "location": settings.location,
        "initial_node_count": ceil(nodes.min / settings.zone_count(())),
        "autoscaling": {"total_min_node_count": nodes.min, "total_max_node_count": nodes.max, "location_policy": "BALANCED"},
        "management": {"auto_repair": True, "auto_upgrade": True},
        "upgrade_settings": {"strategy": "SURGE", "max_surge": 1, "max_unavailable": 0},
        **({"node_locations": list(settings.zones)} if settings.zones else {}),
        "node_drain_configs": [{"respect_pdb_during_node_pool_deletion": True}],
        "node_config": {
            "machine_type": nodes.machine,
            "image_type": "COS_CONTAINERD",
            "oauth_scopes": list(ALL_SCOPES),
            "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
            **({"workload_metadata_config": {"mode": "GKE_METADATA"}} if settings.workload_identity else {}),
        },
    }


def key(settings: GkeCluster) -> Object:
    """The key of Secrets, but for the ring that it is on."""
    return {"purpose": "ENCRYPT_DECRYPT", "rotation_period": _ROTATION, "labels": {"managed-by": MANAGER, "cluster": settings.name}}


def node_account(settings: GkeCluster) -> Object:
    """The service account of the nodes of a cluster that the program makes."""
    name = f"{settings.name[: _LONGEST_ACCOUNT - len('-nodes')].rstrip('-')}-nodes"
    return {"account_id": name, "project": settings.project, "display_name": f"Nodes of {settings.name}"}


def service_agent(project_number: str) -> str:
    """Google's own account that runs a project's clusters, and encrypts their Secrets."""
    return f"serviceAccount:service-{project_number}@container-engine-robot.iam.gserviceaccount.com"
