"""The agent that plays the kubelet for the fake nodes: it runs their pods as processes."""

from __future__ import annotations

import os
from pathlib import Path

from headroom.sandbox.layout import Layout
from headroom.sandbox.process import Process, python

SOURCE = Path(__file__).parent.parent / "kubelet"

# What a user may say about how engines run, and where tools are.
SETTINGS = ("HEADROOM_ENGINE_", "HEADROOM_TOOLS_CACHE")


def describe(layout: Layout) -> Process:
    return Process(
        name="kubelet",
        argv=python(
            "headroom.sandbox.kubelet",
            f"--kubeconfig={layout.kubeconfig_of('kubelet')}",
            f"--state={layout.kubelet}",
            f"--certificate={layout.certificate('kubelet-serving')}",
            f"--key={layout.key('kubelet-serving')}",
            f"--client-authority={layout.certificate('ca')}",
        ),
        needs=("identities",),
        env={name: value for name, value in os.environ.items() if name.startswith(SETTINGS)},
        reads=tuple(sorted(SOURCE.glob("*.py"))),
    )
