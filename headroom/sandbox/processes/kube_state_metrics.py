"""kube-state-metrics: the cluster's objects as series, for dashboards and alerts."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import HOST, POD_GATEWAY, PORTS, Layout, inside_url
from headroom.sandbox.process import Process

RESOURCES = ("deployments", "horizontalpodautoscalers", "nodes", "pods")
"""What the panels and alerts read. A chart's default is every kind there is, most of which nothing here asks for."""


def describe(layout: Layout, binary: Path) -> Process:
    """Its series are served where an Endpoints object may lead: not on loopback."""
    return Process(
        name="kube-state-metrics",
        argv=(
            str(binary),
            f"--kubeconfig={layout.kubeconfig_of('kube-state-metrics')}",
            f"--resources={','.join(RESOURCES)}",
            f"--host={POD_GATEWAY}",
            f"--port={PORTS['kube-state-metrics']}",
            f"--telemetry-host={HOST}",
            f"--telemetry-port={PORTS['kube-state-metrics-telemetry']}",
        ),
        needs=("identities",),
        ready=inside_url("kube-state-metrics-telemetry", "/readyz"),
    )
