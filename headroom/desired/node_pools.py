"""Karpenter's side of a pool: the nodes above its `min`, which pods bring and their absence takes away.

A pool at zero nodes is seen with all that its nodes will have: the labels and taints of its NodePool, the GPUs of its machine type.

Sources: kubernetes-sigs/karpenter v1.14.1 pkg/apis/v1/nodepool.go, kwok/apis/v1alpha1; aws/karpenter-provider-aws 1.14.1
pkg/apis/v1/ec2nodeclass.go, website/content/en/docs/concepts/nodepools.md (spot before on-demand where a NodePool allows both).
"""

from __future__ import annotations

from dataclasses import dataclass

from headroom.catalog.names import (
    APP_MANAGED_BY,
    GPU_PRESENT_LABEL,
    GPU_PRODUCT_LABEL,
    GPU_RESOURCE,
    GPU_TAINT,
    MANAGER,
    POOL_NODE_LABEL,
    node_pool_name,
)
from headroom.desired.objects import Object, duration, obj
from headroom.settings.cluster import EksCluster, KwokCluster
from headroom.settings.devices import devices
from headroom.settings.machine import find_machine
from headroom.settings.platform import Karpenter, Mode
from headroom.settings.pool import Capacity, Pool, Taint
from headroom.settings.stack import Stack

CAPACITY_LABEL = "karpenter.sh/capacity-type"
INSTANCE_LABEL = "node.kubernetes.io/instance-type"
ZONE_LABEL = "topology.kubernetes.io/zone"
DISCOVERY_TAG = "karpenter.sh/discovery"
"""The tag, with the cluster's name, of the subnets and security groups that nodes get."""
FAST_DISK = {"iops": 16000, "throughput": 1000}
"""The most that a gp3 volume has."""

_DISKS = {
    "al2023": ({"deviceName": "/dev/xvda"},),
    # The first holds the system, the second images and pods.
    "bottlerocket": ({"deviceName": "/dev/xvda", "size": "4Gi"}, {"deviceName": "/dev/xvdb"}),
}
"""Volumes of each family of images; those without a size are the pool's."""


@dataclass(frozen=True)
class _Class:
    """The kind that says what a cloud needs to know of nodes."""

    group: str
    kind: str
    version: str


_EC2 = _Class("karpenter.k8s.aws", "EC2NodeClass", "v1")
_KWOK = _Class("karpenter.kwok.sh", "KWOKNodeClass", "v1alpha1")


def by_karpenter(stack: Stack) -> dict[str, Pool]:
    """The pools of which Karpenter makes nodes: where it is, and the pools are the program's, those that may grow."""
    if stack.platform.karpenter.mode is Mode.NONE or not isinstance(stack.cluster, KwokCluster | EksCluster):
        return {}
    return {name: pool for name, pool in stack.pools.items() if pool.max > pool.min}


def node_pools(stack: Stack) -> dict[str, Object]:
    """By role: of each pool that Karpenter scales its NodePool, and the class of its nodes."""
    found: dict[str, Object] = {}
    for name, pool in by_karpenter(stack).items():
        node_class = _node_class(stack, name, pool)
        found |= {f"{name}-nodes": node_class, f"{name}-pool": _node_pool(stack, name, pool, node_class)}
    return found


def _node_pool(stack: Stack, name: str, pool: Pool, node_class: Object) -> Object:
    # None that a kubelet refuses to set of itself, such as the usual label of who manages an object.
    labels = {
        **pool.labels,
        POOL_NODE_LABEL: name,
        GPU_PRESENT_LABEL: "true",
        GPU_PRODUCT_LABEL: devices(pool, stack.platform.gpu_operator.mig_strategy).product,
    }
    # The sandbox has no zones and no reservations.
    on_kwok = isinstance(stack.cluster, KwokCluster)
    requirements = {
        INSTANCE_LABEL: [find_machine(pool.machine).name],
        CAPACITY_LABEL: _capacity(pool, reservations=not on_kwok),
        **({ZONE_LABEL: list(pool.zones)} if pool.zones and not on_kwok else {}),
    }
    group = node_class["apiVersion"].partition("/")[0]
    spec = {
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "nodeClassRef": {"group": group, "kind": node_class["kind"], "name": node_class["metadata"]["name"]},
                "taints": [GPU_TAINT, *map(_taint, pool.taints)],
                "requirements": [{"key": key, "operator": "In", "values": values} for key, values in requirements.items()],
            },
        },
        "limits": _limits(pool),
        # A replica that is moved to save a node starts anew, for minutes: only nodes without any go.
        "disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": duration(stack.platform.karpenter.unneeded)},
    }
    return obj("karpenter.sh/v1", "NodePool", node_pool_name(stack.name, name), labels={APP_MANAGED_BY: MANAGER}, spec=spec)


def _taint(taint: Taint) -> Object:
    """NodePools admit no value that is empty."""
    return {"key": taint.key, **({"value": taint.value} if taint.value else {}), "effect": taint.effect}


def _limits(pool: Pool) -> dict[str, str]:
    """Of several nodes that are made at once Karpenter counts the machines' resources and not the nodes themselves.

    Source: pkg/controllers/provisioning/scheduling/scheduler.go, subtractMax; seen to make three nodes where two were allowed.
    """
    nodes = pool.max - pool.min
    return {"nodes": str(nodes), GPU_RESOURCE: str(nodes * find_machine(pool.machine).gpus)}


def _capacity(pool: Pool, *, reservations: bool) -> list[str]:
    if pool.fallback:
        return [str(Capacity.SPOT), str(Capacity.ON_DEMAND)]
    return [str(pool.capacity if reservations or pool.capacity is not Capacity.RESERVED else Capacity.ON_DEMAND)]


def _node_class(stack: Stack, name: str, pool: Pool) -> Object:
    ec2 = isinstance(stack.cluster, EksCluster)
    kind, spec = (_EC2, _ec2(stack.cluster.name, pool, stack.platform.karpenter)) if ec2 else (_KWOK, {})
    version = f"{kind.group}/{kind.version}"
    return obj(version, kind.kind, node_pool_name(stack.name, name), labels={APP_MANAGED_BY: MANAGER}, spec=spec)


def _ec2(cluster: str, pool: Pool, karpenter: Karpenter) -> Object:
    found = [{"tags": {DISCOVERY_TAG: cluster}}]
    disk = {
        "volumeType": "gp3",
        "encrypted": True,
        "deleteOnTermination": True,
        **(FAST_DISK if pool.disk.fast else {}),
    }
    return {
        "role": karpenter.role_of_nodes(cluster),
        "amiSelectorTerms": [{"alias": karpenter.image}],
        "subnetSelectorTerms": found,
        "securityGroupSelectorTerms": found,
        **({"capacityReservationSelectorTerms": [{"id": pool.reservation}]} if pool.reservation else {}),
        "blockDeviceMappings": [
            {"deviceName": volume["deviceName"], "ebs": {"volumeSize": volume.get("size", pool.disk.size), **disk}}
            for volume in _DISKS[karpenter.image.partition("@")[0]]
        ],
    }
