"""The agent that plays the kubelet for the fake nodes: it runs their pods as processes."""

from __future__ import annotations

import os
from pathlib import Path

from headroom.sandbox.layout import PORTS, Layout, inside_url
from headroom.sandbox.process import Process, python
from headroom.tools.cache import Cache

SOURCE = Path(__file__).parent.parent / "kubelet"

# What a user may say about how engines run.
SETTINGS = "HEADROOM_ENGINE_"


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
            f"--health-port={PORTS['kubelet-health']}",
        ),
        needs=("identities",),
        ready=inside_url("kubelet-health"),
        env={
            **{name: value for name, value in os.environ.items() if name.startswith(SETTINGS)},
            # Servers that run for real are among the tools, wherever the user's environment says that those are.
            "HEADROOM_TOOLS_CACHE": str(Cache.default().root),
        },
        reads=tuple(sorted(SOURCE.glob("*.py"))),
    )
