"""Traefik: balances requests over the pods that routes lead to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headroom.sandbox.layout import Layout, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path, arguments: Sequence[str]) -> Process:
    """`arguments`: those that the chart would give it. It listens on every address of the namespace, as in a pod."""
    return Process(
        name="traefik",
        argv=(str(binary), *arguments),
        env={"KUBECONFIG": str(layout.kubeconfig_of("traefik"))},
        needs=("identities", "traefik-kinds"),
        ready=inside_url("traefik", "/ping"),
    )
