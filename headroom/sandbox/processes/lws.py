"""The LeaderWorkerSet controller, and its webhooks, which give the pods of a group their places and names."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import Layout, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path, configuration: Path) -> Process:
    return Process(
        name="lws",
        argv=(str(binary), f"--config={configuration}"),
        env={"KUBECONFIG": str(layout.kubeconfig_of("lws"))},
        needs=("identities", "lws-definitions"),
        ready=inside_url("lws", "/readyz"),
        reads=(configuration,),
    )
