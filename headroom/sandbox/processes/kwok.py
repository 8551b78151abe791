"""KWOK keeps the fake nodes alive: their first status and their leases. Pods are the kubelet agent's."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import Layout, address, inside_url
from headroom.sandbox.process import Process

STAGES = Path(__file__).parent.parent / "kwok"
FAKE_NODE = ("kwok.x-k8s.io/node", "fake")


def describe(layout: Layout, binary: Path) -> Process:
    stages = sorted(STAGES.glob("*.yaml"))
    return Process(
        name="kwok",
        argv=(
            str(binary),
            f"--kubeconfig={layout.kubeconfig_of('kwok')}",
            *(f"--config={stage}" for stage in stages),
            "--manage-all-nodes=false",
            f"--manage-nodes-with-annotation-selector={'='.join(FAKE_NODE)}",
            f"--server-address={address('kwok')}",
            # A new instance plays no node before the leases of the one before have run out.
            "--node-lease-duration-seconds=20",
        ),
        needs=("identities",),
        ready=inside_url("kwok", "/healthz"),
        reads=tuple(stages),
    )
