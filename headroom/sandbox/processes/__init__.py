"""The processes of the sandbox: a file each, that only describes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headroom.sandbox.layout import Layout
from headroom.sandbox.process import Process
from headroom.sandbox.processes import (
    dns,
    etcd,
    gateway,
    kube_apiserver,
    kube_controller_manager,
    kube_scheduler,
    kubelet,
    kwok,
)

CONTROL_PLANE_TOOLS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl")


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
        dns.describe(layout),
    ]
