"""The GPUs of a cluster: who offers them to the kubelet, and which nodes have them.

Sources: NVIDIA/k8s-device-plugin deployments/helm (its socket's directory); GoogleCloudPlatform/container-engine-accelerators
cmd/nvidia_gpu/device-plugin.yaml and NVIDIA/cloud-native-docs gpu-operator/google-gke.rst (GKE's own);
awsdocs/amazon-eks-user-guide ml/ml-eks-optimized-ami (Bottlerocket), automode/auto-accelerated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.desired.objects import Object
from headroom.doctor.found import DevicePlugin, GpuNode, HelmRelease
from headroom.doctor.nodes import is_auto_mode
from headroom.doctor.objects import labels, metadata, release_of

GPU = "nvidia.com/gpu"
_GKE_OPT_OUT = "gke-no-default-nvidia-gpu-device-plugin"
_GKE_ACCELERATOR = "cloud.google.com/gke-accelerator"
_PRODUCTS = (
    "nvidia.com/gpu.product",
    _GKE_ACCELERATOR,
    "eks.amazonaws.com/instance-gpu-name",
    "karpenter.k8s.aws/instance-gpu-name",
    "k8s.amazonaws.com/accelerator",
)
"""Labels that name a node's GPU, the most exact first."""


def device_plugin(found: Object, policies: Mapping[str, HelmRelease | None]) -> DevicePlugin | None:
    """A DaemonSet as a device plugin of NVIDIA GPUs; None when it is something else. `policies` are the GPU Operators' ClusterPolicies:
    what an operator makes belongs to the release of its policy."""
    pod = (found.get("spec") or {}).get("template", {}).get("spec") or {}
    meta = metadata(found)
    named = [meta["name"], *(container.get("image", "") for container in pod.get("containers") or [])]
    if not any("nvidia" in name for name in named) or not any(_is_socket_directory(volume) for volume in pod.get("volumes") or []):
        return None
    owners = (owner["name"] for owner in meta.get("ownerReferences") or [] if owner.get("kind") == "ClusterPolicy")
    policy = next(owners, "")
    return DevicePlugin(
        namespace=meta["namespace"],
        name=meta["name"],
        nodes=int((found.get("status") or {}).get("desiredNumberScheduled") or 0),
        keeps_off_labelled=any(key in str(pod.get("affinity")) for key in (_GKE_ACCELERATOR, _GKE_OPT_OUT)),
        policy=policy,
        release=release_of(found) or policies.get(policy),
    )


def _is_socket_directory(volume: Mapping[str, Any]) -> bool:
    return (volume.get("hostPath") or {}).get("path", "").rstrip("/").endswith("/device-plugins")


def gpu_nodes(nodes: Sequence[Object]) -> tuple[GpuNode, ...]:
    """The nodes that have GPUs, whether or not anything offers them yet."""
    return tuple(node for found in nodes if (node := _gpu_node(found)))


def _gpu_node(found: Object) -> GpuNode | None:
    status = found.get("status") or {}
    gpus = int((status.get("capacity") or {}).get(GPU) or 0)
    product = next((labels(found)[label] for label in _PRODUCTS if label in labels(found)), "")
    if not gpus and not product:
        return None
    image = (status.get("nodeInfo") or {}).get("osImage", "")
    taints = (found.get("spec") or {}).get("taints") or []
    return GpuNode(
        name=metadata(found)["name"],
        gpus=gpus,
        product=product,
        taints=tuple(f"{taint['key']}={taint.get('value', '')}:{taint['effect']}" for taint in taints),
        plugin_built_in=is_auto_mode(found) or image.startswith("Bottlerocket"),
    )


def feature_discovery(nodes: Sequence[Object]) -> bool:
    return any(label.startswith("feature.node.kubernetes.io/") for node in nodes for label in labels(node))
