"""GPU pools on EKS: managed node groups, each with a launch template and what Cluster Autoscaler reads of it at zero nodes.

Sources: awsdocs/amazon-eks-user-guide latest/ug/nodes/{managed-node-groups,launch-templates,managed-node-update-behavior}.adoc and
ml/{ml-eks-optimized-ami,node-efa}.adoc; the EC2 User Guide's efa-acc-inst-types.md (network interfaces) and efa.md (security group,
placement); awslabs/amazon-eks-ami nodeadm/doc/{api,examples}.md (NodeConfig, FastImagePull,
limits of processes) and nodeadm/internal/util/merge.go (lists are replaced, numbers are floating); bottlerocket-os/bottlerocket-core-kit
pull request 141 (limits and huge pages where a node has adapters); kubernetes/autoscaler cluster-autoscaler/cloudprovider/aws/README.md
(tags, the accelerator label).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil

import yaml

from headroom.catalog.efa import EFA_RESOURCE, EFAS, FIRST_CARD_WITHOUT, HUGE_PAGES_RESOURCE
from headroom.catalog.gpu_nodes import NodeKind, gpu_nodes
from headroom.catalog.machines import Machine
from headroom.catalog.names import GPU_PRODUCT_LABEL, GPU_TAINT, POOL_NODE_LABEL
from headroom.desired.node_pools import FAST_DISK, by_karpenter
from headroom.desired.objects import Object
from headroom.desired.pools.group import NodeGroup
from headroom.desired.pools.naming import group_name
from headroom.desired.pools.nodes import EFFECTS, sharing_labels
from headroom.settings.base import quantity
from headroom.settings.cluster import EksCluster
from headroom.settings.devices import devices
from headroom.settings.fabric import adapters_per_node, set_apart_mib
from headroom.settings.machine import find_machine
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.settings.pool import Capacity, Pool, Taint
from headroom.settings.stack import Stack

LONGEST_NAME = 63
"""Of a node group (eks CreateNodegroup)."""
COUNT_OF_THE_AUTOSCALER = "scalingConfig.desiredSize"
ACCELERATOR_LABEL = "k8s.amazonaws.com/accelerator"
"""Tells Cluster Autoscaler that a node without GPUs in its status has yet to report them, so that it does not ask for another."""

_TEMPLATE_TAG = "k8s.io/cluster-autoscaler/node-template"
_IMAGES = {
    (NodeKind.PREINSTALLED, "amd64"): "AL2023_x86_64_NVIDIA",
    (NodeKind.PREINSTALLED, "arm64"): "AL2023_ARM_64_NVIDIA",
    (NodeKind.BOTTLEROCKET, "amd64"): "BOTTLEROCKET_x86_64_NVIDIA",
    (NodeKind.BOTTLEROCKET, "arm64"): "BOTTLEROCKET_ARM_64_NVIDIA",
}
_ROOT, _BOTTLEROCKET_DATA = "/dev/xvda", "/dev/xvdb"
_NODE_CONFIG = """\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: application/node.eks.aws

---
{}
--//--
"""
_PARALLEL_PULL = {"featureGates": {"FastImagePull": True}}
"""Layers of an image are fetched and unpacked side by side, which the disk must keep up with. Bottlerocket has settings of its own."""
_LOCKED_MEMORY = 16 * 2**40
"""More than any machine has. Without a limit would be a number that nodeadm cannot keep."""
_ADAPTERS = {
    "containerd": {
        "baseRuntimeSpec": {
            "process": {
                "rlimits": [
                    {"type": "RLIMIT_NOFILE", "soft": 65536, "hard": 1048576},
                    {"type": "RLIMIT_MEMLOCK", "soft": _LOCKED_MEMORY, "hard": _LOCKED_MEMORY},
                ]
            }
        }
    }
}
"""An adapter's buffers are locked in memory, of which a process has 8 MiB otherwise, and a server that is not root cannot ask for
more. The list takes the place of the image's own, whose open files it repeats. Bottlerocket raises the limit by itself."""


@dataclass(frozen=True)
class EksNodeGroup(NodeGroup):
    """A managed node group of EKS."""

    arguments: Object
    """Of the provider's `NodeGroup`, but for cluster, role, subnets and launch template."""
    template: Object
    """Of the provider's `LaunchTemplate`. Its network interfaces lack their security groups, its placement the placement group."""
    zones: tuple[str, ...]
    """That its nodes may be in; all of the cluster's where there are none."""
    tags: dict[str, str] = field(default_factory=dict)
    """Of its Auto Scaling group, which gets none of the node group's own: what Cluster Autoscaler knows of a node before there is one."""

    @property
    def interconnected(self) -> bool:
        """Whether its nodes have Elastic Fabric Adapters: they want a placement group, and a security group that admits itself."""
        return "network_interfaces" in self.template


def node_groups(stack: Stack) -> tuple[EksNodeGroup, ...]:
    """The node groups of a stack on EKS: one for each pool, two where spot nodes are replaced by on-demand ones.

    Of a pool that Karpenter scales, the nodes that are always there.
    """
    if not isinstance(stack.cluster, EksCluster):
        return ()
    scaled_elsewhere = by_karpenter(stack)
    found: list[EksNodeGroup] = []
    for name, pool in stack.pools.items():
        if name not in scaled_elsewhere:
            found += _of_pool(stack, name, pool)
        elif pool.min:
            found += _of_pool(stack, name, pool.model_copy(update={"max": pool.min, "fallback": False}))
    return tuple(found)


def _of_pool(stack: Stack, name: str, pool: Pool) -> Iterator[EksNodeGroup]:
    # The priorities of Cluster Autoscaler know spot nodes by this end.
    yield _node_group(stack, name, f"{name}-spot" if pool.capacity is Capacity.SPOT else name, pool)
    if pool.fallback:
        instead = pool.model_copy(update={"capacity": Capacity.ON_DEMAND, "fallback": False, "min": 0})
        yield _node_group(stack, name, name, instead)


def _node_group(stack: Stack, pool_name: str, role: str, pool: Pool) -> EksNodeGroup:
    machine, kind = find_machine(pool.machine), gpu_nodes(stack.cluster.runs_on.name, stack.platform.gpu_operator.nodes).name
    block = pool.eks is not None and pool.eks.capacity_block
    replacing = {
        "stack": stack.name,
        "machine": machine.name,
        "image": kind,
        "capacity": pool.capacity,
        "reservation": pool.reservation,
        "block": block,
        "zones": sorted(pool.zones),
        "sharing": pool.sharing.model_dump(mode="json"),
        "interconnect": pool.interconnect,
    }
    name = group_name(role, replacing, longest=LONGEST_NAME)
    labels = {
        **pool.labels,
        POOL_NODE_LABEL: pool_name,
        ACCELERATOR_LABEL: _accelerator(machine),
        **sharing_labels(pool.sharing),
    }
    taints = [Taint.model_validate(GPU_TAINT), *pool.taints]
    arguments = {
        "node_group_name": name,
        "ami_type": _IMAGES[(kind, machine.architecture)],
        "capacity_type": "CAPACITY_BLOCK" if block else "SPOT" if pool.capacity is Capacity.SPOT else "ON_DEMAND",
        # A Capacity Block wants its machine in the launch template, and nowhere else.
        **({} if block else {"instance_types": [machine.name]}),
        "scaling_config": {"min_size": pool.min, "max_size": pool.max, "desired_size": pool.min},
        # EKS adds twice as many nodes as there are zones at least, and none where it is told to do with what there is.
        "update_config": {"max_unavailable": max(1, pool.surges), "update_strategy": "DEFAULT" if pool.surges else "MINIMAL"},
        "node_repair_config": {"enabled": True},
        "labels": labels,
        "taints": [{"key": taint.key, "value": taint.value, "effect": EFFECTS[taint.effect]} for taint in taints],
        "tags": {"headroom.dev/pool": pool_name},
    }
    return EksNodeGroup(
        pool=pool_name,
        role=role,
        name=name,
        delete_first=pool.capacity is Capacity.RESERVED,
        arguments=arguments,
        template=_template(pool_name, pool, machine, kind),
        zones=pool.zones,
        tags=_tags(pool, labels, taints, stack.platform.gpu_operator.mig_strategy),
    )


def resized(asked: Object, present: Object | None) -> Object | None:
    """A group's `scaling_config` where its bounds change: the nodes that there are, as far as the new bounds allow. None otherwise."""
    bounds = ("min_size", "max_size")
    if present is None or all(present[bound] == asked[bound] for bound in bounds):
        return None
    return {**asked, "desired_size": min(max(present["desired_size"], asked["min_size"]), asked["max_size"])}


def _accelerator(machine: Machine) -> str:
    """Such as nvidia-l4, nvidia-tesla-t4. Where Cluster Autoscaler does not know the value, that there is one is enough."""
    return "nvidia-" + machine.gpu.lower().removeprefix("nvidia-")


def _template(pool_name: str, pool: Pool, machine: Machine, kind: NodeKind) -> Object:
    block = pool.eks is not None and pool.eks.capacity_block
    disk = {
        "volume_type": "gp3",
        "volume_size": ceil(quantity(pool.disk.size) / 2**30),
        "encrypted": "true",
        "delete_on_termination": "true",
        **(FAST_DISK if pool.disk.fast else {}),
    }
    bottlerocket = kind is NodeKind.BOTTLEROCKET
    tags = {"Name": f"{pool_name} (Headroom)", "headroom.dev/pool": pool_name}
    configured = {
        **(_PARALLEL_PULL if pool.disk.fast and not bottlerocket else {}),
        **(_ADAPTERS if pool.interconnect and not bottlerocket else {}),
    }
    return {
        # Of two volumes that Bottlerocket has, the second holds images and pods.
        "block_device_mappings": [{"device_name": _BOTTLEROCKET_DATA if bottlerocket else _ROOT, "ebs": disk}],
        # Pods on a network of their own are one hop further away than the node: they get none of its identity.
        "metadata_options": {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        "tag_specifications": [{"resource_type": kind, "tags": tags} for kind in ("instance", "volume")],
        "update_default_version": True,
        **({"user_data": _user_data(configured)} if configured else {}),
        **({"capacity_reservation_specification": _reservation(pool.reservation)} if pool.reservation else {}),
        **({"instance_type": machine.name, "instance_market_options": {"market_type": "capacity-block"}} if block else {}),
        **({"network_interfaces": _interfaces(machine)} if pool.interconnect else {}),
    }


def _user_data(configured: Object) -> str:
    """For nodeadm, which sets up nodes of AL2023."""
    told = {"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": configured}
    return base64.b64encode(_NODE_CONFIG.format(yaml.safe_dump(told, sort_keys=False)).encode()).decode()


def _reservation(name: str) -> Object:
    key = "capacity_reservation_resource_group_arn" if name.startswith("arn:") else "capacity_reservation_id"
    return {"capacity_reservation_target": {key: name}}


def _interfaces(machine: Machine) -> list[Object]:
    """One for IP, and on each card one for the adapter alone, which takes no address."""
    first = int(machine.name in FIRST_CARD_WITHOUT)
    cards = range(first, first + EFAS.get(machine.name, 0))
    own = [{"network_card_index": card, "device_index": int(card == 0), "interface_type": "efa-only"} for card in cards]
    plain = {"network_card_index": 0, "device_index": 0, "interface_type": "interface"}
    return [{**interface, "delete_on_termination": "true"} for interface in (plain, *own)]


def _tags(pool: Pool, labels: dict[str, str], taints: list[Taint], strategy: MigStrategy) -> dict[str, str]:
    offered = devices(pool, strategy)
    resources = {offered.resource: str(offered.count), "ephemeral-storage": pool.disk.size}
    if adapters := adapters_per_node(pool):
        resources |= {EFA_RESOURCE: str(adapters), HUGE_PAGES_RESOURCE: f"{set_apart_mib(pool)}Mi"}
    return {
        **{f"{_TEMPLATE_TAG}/label/{key}": value for key, value in labels.items()},
        # The nodes get it from GPU Feature Discovery, once they are there.
        f"{_TEMPLATE_TAG}/label/{GPU_PRODUCT_LABEL}": offered.product,
        **{f"{_TEMPLATE_TAG}/taint/{taint.key}": f"{taint.value}:{taint.effect}" for taint in taints},
        **{f"{_TEMPLATE_TAG}/resources/{resource}": amount for resource, amount in resources.items()},
    }
