"""NVIDIA GPU Operator (chart v26.7.0): of the GPU stack as much as the nodes do not bring themselves.

Sources: NVIDIA/gpu-operator deployments/gpu-operator/values.yaml (keys), controllers/object_controls.go (what becomes of them);
NVIDIA/cloud-native-docs gpu-operator/*.rst; NVIDIA/k8s-device-plugin README (configurations of sharing). What nodes bring on each kind
of cluster, with its sources, is in `headroom.catalog.gpu_nodes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

import yaml

from headroom.catalog import charts
from headroom.catalog.distributions import GKE, Distribution
from headroom.catalog.gpu_nodes import GpuNodes, Operand, SharingMode, gpu_nodes
from headroom.catalog.names import APP_MANAGED_BY, GPU_RESOURCE, MANAGER, content_name
from headroom.desired.gpus import tolerations
from headroom.desired.objects import Object, duration, obj
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.desired.platform.monitor import service_monitor
from headroom.settings.platform import GpuOperator, Mode, Monitoring, Platform
from headroom.settings.pool import Pool
from headroom.settings.sharing import Sharing
from headroom.settings.stack import Stack

PRIORITY_CLASS = "system-node-critical"
"""What the chart gives the operator and all that it runs on the nodes: without them a node has no GPUs."""
_PLUGIN_SHARES = {SharingMode.TIME_SLICING: "timeSlicing", SharingMode.MPS: "mps"}
_ADMITTED_PODS = 10_000
_CONTROL_PLANE = {"key": "node-role.kubernetes.io/control-plane", "operator": "Equal", "value": "", "effect": "NoSchedule"}
_NO_POOLS: Mapping[str, Pool] = MappingProxyType({})


def values(platform: Platform, on: Distribution, pools: Mapping[str, Pool] = _NO_POOLS) -> Object:
    """Values with which the operator runs what the nodes of `on` lack, shares the GPUs of `pools` and tells Prometheus of them all."""
    settings = platform.gpu_operator
    nodes = gpu_nodes(on.name, settings.nodes)
    shares = sharing_configurations(nodes, pools.values())
    tolerated = list(tolerations(on, pools.values()))
    where = placement.nodes(platform)
    plugin_config = {"config": {"name": sharing_name(settings, shares)}} if shares else {}
    return {
        "operator": {
            **placement.pods(platform, priority_class=PRIORITY_CLASS),
            **({"runtimeClass": nodes.runtime_class} if nodes.runtime_class else {}),
            # A release of its own upgrades the definitions where charts come from a mirror; the chart's job does elsewhere.
            "upgradeCRD": platform.charts.source is None,
        },
        "daemonsets": {"tolerations": tolerated},
        # Nodes that it does not reach are never found to have a GPU, and nothing is run on them.
        "node-feature-discovery": {
            "worker": {"tolerations": [_CONTROL_PLANE, *tolerated]},
            "master": where,
            "gc": where,
        },
        **({"hostPaths": {"driverInstallDir": nodes.install_dir}} if nodes.install_dir else {}),
        "driver": {"enabled": Operand.DRIVER not in nodes.brings},
        "toolkit": _toolkit(nodes),
        "devicePlugin": {"enabled": Operand.DEVICE_PLUGIN not in nodes.brings, **plugin_config},
        "mig": {"strategy": str(settings.mig_strategy)},
        "migManager": _mig_manager(nodes),
        # Its default turns confidential computing on wherever a GPU is capable of it.
        "ccManager": {"enabled": False},
        "dcgmExporter": {"serviceMonitor": _service_monitor(platform.monitoring)},
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on, settings = stack.platform, stack.cluster.runs_on, stack.platform.gpu_operator
    found = installed(
        "gpuOperator",
        charts.GPU_OPERATOR,
        settings,
        values(platform, on, stack.pools),
        stack,
        needs=("monitoring",),
        pod_security="privileged",
    )
    if settings.mode is not Mode.HELM:
        return found
    shares = sharing_configurations(gpu_nodes(on.name, settings.nodes), stack.pools.values())
    objects = {
        **({"quota": _quota(settings)} if on is GKE else {}),
        **({"sharing": _sharing(settings, shares)} if shares else {}),
    }
    return replace(found, objects=objects)


def sharing_name(settings: GpuOperator, shares: Mapping[str, str]) -> str:
    """The ConfigMap with the device plugin's configurations: another name for another content, for the operator does not watch it."""
    return content_name(f"{settings.release}-sharing", shares)


def sharing_configurations(nodes: GpuNodes, pools: Iterable[Pool]) -> dict[str, str]:
    """The configurations of the operator's device plugin for the sharing of pools, by the value of the node label that chooses them.

    None where the nodes bring a device plugin of their own. A node without the label has its GPUs whole: the operator lets the plugin
    fall back to an empty configuration.
    """
    if Operand.DEVICE_PLUGIN in nodes.brings:
        return {}
    shared = [pool.sharing for pool in pools if pool.sharing.mode in _PLUGIN_SHARES]
    return {sharing.configuration: _configuration(sharing) for sharing in sorted(shared, key=lambda sharing: sharing.configuration)}


def _configuration(sharing: Sharing) -> str:
    how = {
        "renameByDefault": sharing.renamed,
        # Two shares may be shares of one GPU: whoever asks for two is told so instead.
        "failRequestsGreaterThanOne": True,
        "resources": [{"name": GPU_RESOURCE, "replicas": sharing.replicas}],
    }
    return yaml.safe_dump({"version": "v1", "sharing": {_PLUGIN_SHARES[sharing.mode]: how}}, sort_keys=False)


def _sharing(settings: GpuOperator, shares: Mapping[str, str]) -> Object:
    name, labels = sharing_name(settings, shares), {APP_MANAGED_BY: MANAGER}
    return obj("v1", "ConfigMap", name, namespace=settings.namespace, labels=labels, data=dict(shares), immutable=True)


def _quota(settings: GpuOperator) -> Object:
    """GKE admits pods of the system's priority classes outside kube-system only where a quota says so; it is a permit, and no limit."""
    classes = {"operator": "In", "scopeName": "PriorityClass", "values": [PRIORITY_CLASS, "system-cluster-critical"]}
    return obj(
        "v1",
        "ResourceQuota",
        f"{settings.release}-critical-pods",
        namespace=settings.namespace,
        labels={APP_MANAGED_BY: MANAGER},
        spec={"hard": {"pods": str(_ADMITTED_PODS)}, "scopeSelector": {"matchExpressions": [classes]}},
    )


def _toolkit(nodes: GpuNodes) -> Object:
    environment = [{"name": name, "value": value} for name, value in nodes.toolkit_environment.items()]
    return {
        "enabled": Operand.TOOLKIT not in nodes.brings,
        **({"installDir": nodes.install_dir} if nodes.install_dir else {}),
        **({"env": environment} if environment else {}),
    }


def _mig_manager(nodes: GpuNodes) -> Object:
    """It cuts the GPUs of a node as the node's label says; it knows `all-<profile>` from the GPUs themselves."""
    reboot = {"env": [{"name": "WITH_REBOOT", "value": "true"}]} if nodes.reboots else {}
    return {"enabled": Operand.MIG_MANAGER not in nodes.brings, **reboot}


def _service_monitor(monitoring: Monitoring) -> Object:
    if monitoring.mode is Mode.NONE:
        return {"enabled": False}
    return {
        **service_monitor(monitoring),
        # The Prometheus Operator refuses a monitor that waits longer than it pauses.
        "scrapeTimeout": duration(monitoring.scrape_timeout),
        # Otherwise the pod that uses a GPU is called exported_pod, and `pod` is the exporter.
        "honorLabels": True,
    }
