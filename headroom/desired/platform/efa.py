"""The device plugin of Elastic Fabric Adapters (chart aws-efa-k8s-device-plugin v0.5.30): on each node that has adapters.

Source of the keys: aws/eks-charts stable/aws-efa-k8s-device-plugin, whose pods run on machine types with adapters alone, as
`system-node-critical`. EKS's own images have the adapters' driver, and no plugin (EKS user guide, device-management-efa).
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.desired.gpus import tolerations
from headroom.desired.objects import Object
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Platform
from headroom.settings.stack import Stack


def values(platform: Platform, stack: Stack) -> Object:
    """Values with which it runs on the GPU nodes of a stack."""
    return {
        "fullnameOverride": platform.efa.release,
        "tolerations": list(tolerations(stack.cluster.runs_on, stack.pools.values())),
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    return installed("efa", charts.EFA, stack.platform.efa, values(stack.platform, stack), stack, pod_security="privileged")
