"""The processes of the sandbox: a file each, that only describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from headroom.sandbox.layout import Layout
from headroom.sandbox.process import Process
from headroom.sandbox.processes import (
    etcd,
    gateway,
    kube_apiserver,
    kube_controller_manager,
    kube_scheduler,
    kubelet,
    kwok,
    prometheus,
    prometheus_adapter,
    prometheus_operator,
    reloader,
)

__all__ = ["CONTROL_PLANE_TOOLS", "PLATFORM_TOOLS", "control_plane", "platform", "prometheus"]

CONTROL_PLANE_TOOLS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl")
PLATFORM_TOOLS = ("prometheus", "prometheus-operator", "prometheus-adapter")


def control_plane(layout: Layout, tools: Mapping[str, Path], sockets: Mapping[str, int]) -> list[Process]:
    """Kubernetes, its nodes and the way in."""
    return [
        gateway.describe(sockets),
        etcd.describe(layout, tools["etcd"]),
        kube_apiserver.describe(layout, tools["kube-apiserver"]),
        kube_controller_manager.describe(layout, tools["kube-controller-manager"]),
        kube_scheduler.describe(layout, tools["kube-scheduler"]),
        kwok.describe(layout, tools["kwok"]),
        kubelet.describe(layout),
    ]


def platform(
    layout: Layout, tools: Mapping[str, Path], *, namespace: str, prometheus: str, adapter_arguments: Sequence[str]
) -> list[Process]:
    """What watches the cluster, but for Prometheus itself: its arguments are known only once the operator has run."""
    return [
        prometheus_operator.describe(layout, tools["prometheus-operator"]),
        reloader.describe(layout, namespace, prometheus),
        prometheus_adapter.describe(layout, tools["prometheus-adapter"], adapter_arguments),
    ]
