"""Karpenter with its KWOK provider: its machines are nodes that KWOK plays."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import PORTS, Layout, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path) -> Process:
    return Process(
        name="karpenter",
        argv=(
            str(binary),
            "--disable-leader-election=true",
            f"--metrics-port={PORTS['karpenter-metrics']}",
            f"--health-probe-port={PORTS['karpenter']}",
            f"--instance-types-file-path={layout.instance_types}",
        ),
        env={"KUBECONFIG": str(layout.kubeconfig_of("karpenter"))},
        needs=("identities", "karpenter-definitions"),
        ready=inside_url("karpenter", "/readyz"),
        reads=(layout.instance_types,),
    )
