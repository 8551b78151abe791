"""GPU pools on GKE: the arguments of `NodePool` of Pulumi's Google Cloud provider, without what only other resources know.

Sources: hashicorp/terraform-provider-google's google_container_node_pool (GoogleCloudPlatform/magic-modules
mmv1/third_party/terraform/services/container/node_config.go.tmpl and resource_container_node_pool.go.tmpl: what forces a new pool);
docs.cloud.google.com/kubernetes-engine concepts/cluster-autoscaler, concepts/spot-vms, how-to/gpus, how-to/image-streaming,
how-to/data-container-image-preloading, how-to/config-auto-net-for-accelerators; NVIDIA/cloud-native-docs gpu-operator/google-gke.rst.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from headroom.catalog.gke import accelerator, disk_type
from headroom.catalog.gpu_nodes import GpuNodes, NodeKind, Operand, SharingMode, gpu_nodes
from headroom.catalog.machines import Machine
from headroom.catalog.names import GPU_TAINT, MANAGER, POOL_NODE_LABEL
from headroom.desired.objects import Object
from headroom.desired.pools.group import NodeGroup
from headroom.desired.pools.naming import group_name
from headroom.desired.pools.nodes import EFFECTS, sharing_labels
from headroom.settings.base import quantity
from headroom.settings.cluster.gke import GkeCluster, GkePool
from headroom.settings.machine import find_machine
from headroom.settings.pool import Capacity, Pool
from headroom.settings.sharing import Sharing
from headroom.settings.stack import Stack

LONGEST_NAME = 40
"""Of a node pool (docs.cloud.google.com/kubernetes-engine reference/rest/v1/projects.locations.clusters.nodePools)."""
ALL_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
"""What nodes may do is said by the roles of their service account; the older scopes would only narrow it a second time."""
COUNTS_OF_THE_AUTOSCALER = ("initialNodeCount", "nodeCount")

_NO_DEVICE_PLUGIN = {"gke-no-default-nvidia-gpu-device-plugin": "true"}
_RESERVATION = "compute.googleapis.com/reservation-name"
_STRATEGIES = {SharingMode.TIME_SLICING: "TIME_SHARING", SharingMode.MPS: "MPS"}
_REPLACING = (
    "machine_type",
    "image_type",
    "guest_accelerators",
    "spot",
    "reservation_affinity",
    "ephemeral_storage_local_ssd_config",
    "secondary_boot_disks",
    "service_account",
    "oauth_scopes",
)
"""Of `node_config`, what changes by a new pool: what the provider cannot change in place, and the machine and its image, which it would
change under the servers' feet, a node at a time."""


@dataclass(frozen=True)
class GkeNodePool(NodeGroup):
    """A node pool of GKE."""

    arguments: Object
    """Of the provider's `NodePool`, but for `cluster` and the service account of a cluster that the program makes."""


def node_pools(stack: Stack) -> tuple[GkeNodePool, ...]:
    """The node pools of a stack on GKE: one for each pool, two where spot nodes are replaced by on-demand ones."""
    if not isinstance(stack.cluster, GkeCluster):
        return ()
    kind = stack.platform.gpu_operator.nodes
    return tuple(found for name, pool in stack.pools.items() for found in pool_groups(stack.cluster, name, pool, kind))


def pool_groups(cluster: GkeCluster, name: str, pool: Pool, kind: NodeKind | None) -> Iterator[GkeNodePool]:
    """The node pools of one pool, whose nodes come as `kind` says, or as they usually do."""
    nodes = gpu_nodes(cluster.runs_on.name, kind)
    yield _node_pool(cluster, name, name, pool, nodes)
    if pool.fallback:
        # The autoscaler expands the cheapest pool that has room, and that of spot nodes is: without them it takes the other.
        instead = pool.model_copy(update={"capacity": Capacity.ON_DEMAND, "fallback": False, "min": 0})
        yield _node_pool(cluster, name, f"{name}-fallback", instead, nodes)


def _node_pool(cluster: GkeCluster, pool_name: str, role: str, pool: Pool, nodes: GpuNodes) -> GkeNodePool:
    config = _node_config(cluster, pool_name, pool, nodes)
    network = {"accelerator_network_profile": "auto"} if pool.interconnect else {}
    sharing = pool.sharing.model_dump(mode="json")
    replacing = {"sharing": sharing, **{key: config[key] for key in _REPLACING if key in config}, **network}
    name = group_name(role, replacing, longest=LONGEST_NAME)
    zones = pool.zones or cluster.zones
    arguments = {
        "name": name,
        "project": cluster.project,
        "location": cluster.location,
        # In each zone. The autoscaler keeps a pool from going below its minimum and does not bring it there.
        "initial_node_count": ceil(pool.min / cluster.zone_count(pool.zones)),
        # Any zone that has machines: GPUs are scarce, and balance is worth less than a node.
        "autoscaling": {"total_min_node_count": pool.min, "total_max_node_count": pool.max, "location_policy": "ANY"},
        "management": {"auto_repair": True, "auto_upgrade": True},
        "upgrade_settings": {"strategy": "SURGE", "max_surge": pool.surges, "max_unavailable": 0 if pool.surges else 1},
        # A pool that its successor replaced is emptied as slowly as the servers' budgets ask.
        "node_drain_configs": [{"respect_pdb_during_node_pool_deletion": True}],
        "node_config": config,
        **({"node_locations": list(zones)} if zones else {}),
        **({"network_config": network} if network else {}),
    }
    return GkeNodePool(pool_name, role, name, delete_first=pool.capacity is Capacity.RESERVED, arguments=arguments)


def _node_config(cluster: GkeCluster, name: str, pool: Pool, nodes: GpuNodes) -> Object:
    machine, ours = find_machine(pool.machine), GkePool() if pool.gke is None else pool.gke
    return {
        "machine_type": machine.name,
        # The operator builds its driver for Ubuntu alone.
        "image_type": "UBUNTU_CONTAINERD" if nodes.name is NodeKind.DRIVERLESS else "COS_CONTAINERD",
        "disk_size_gb": ceil(quantity(pool.disk.size) / 2**30),
        "disk_type": disk_type(machine.name, fast=pool.disk.fast),
        "guest_accelerators": [_accelerator(machine, pool.sharing, ours, nodes)],
        "labels": {**pool.labels, POOL_NODE_LABEL: name, **_labels_of_gpus(pool, nodes)},
        # GKE adds the first by itself, but only while the cluster has another pool without GPUs.
        "taints": [_taint(**GPU_TAINT), *(_taint(taint.key, taint.value, taint.effect) for taint in pool.taints)],
        "resource_labels": {"managed-by": MANAGER, "headroom-pool": name},
        **_capacity(pool),
        **({"gcfs_config": {"enabled": True}} if pool.image_streaming else {}),
        **({"gvnic": {"enabled": True}} if pool.interconnect else {}),
        **({} if ours.local_ssds is None else {"ephemeral_storage_local_ssd_config": {"local_ssd_count": ours.local_ssds}}),
        **({"secondary_boot_disks": [_boot_disk(image) for image in ours.image_caches]} if ours.image_caches else {}),
        **({"workload_metadata_config": {"mode": "GKE_METADATA"}} if cluster.workload_identity else {}),
        **({"service_account": cluster.node_service_account, "oauth_scopes": list(ALL_SCOPES)} if cluster.node_service_account else {}),
    }


def _accelerator(machine: Machine, sharing: Sharing, ours: GkePool, nodes: GpuNodes) -> Object:
    """Who brings the driver also cuts and shares the GPUs: GKE by what is said here, the operator by labels."""
    managed = nodes.name is NodeKind.MANAGED
    driver = ours.driver.upper() if managed else "INSTALLATION_DISABLED"
    shared = {"gpu_sharing_strategy": _STRATEGIES.get(sharing.mode), "max_shared_clients_per_gpu": sharing.replicas}
    return {
        "type": accelerator(machine.name, machine.gpu),
        "count": machine.gpus,
        "gpu_driver_installation_config": {"gpu_driver_version": driver},
        **({"gpu_partition_size": sharing.profile} if managed and sharing.profile else {}),
        **({"gpu_sharing_config": shared} if managed and sharing.replicas else {}),
    }


def _labels_of_gpus(pool: Pool, nodes: GpuNodes) -> Object:
    return {} if Operand.DEVICE_PLUGIN in nodes.brings else {**_NO_DEVICE_PLUGIN, **sharing_labels(pool.sharing)}


def _capacity(pool: Pool) -> Object:
    match pool.capacity:
        case Capacity.SPOT:
            return {"spot": True}
        case Capacity.RESERVED:
            kind = {"consume_reservation_type": "SPECIFIC_RESERVATION", "key": _RESERVATION, "values": [pool.reservation]}
            return {"reservation_affinity": kind}
        case Capacity.ON_DEMAND:
            return {}


def _boot_disk(image: str) -> Object:
    return {"disk_image": image, "mode": "CONTAINER_IMAGE_CACHE"}


def _taint(key: str, value: str, effect: str) -> Object:
    return {"key": key, "value": value, "effect": EFFECTS[effect]}
