"""Prometheus, with the arguments and on the configuration that the operator generated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headroom.sandbox.layout import POD_GATEWAY, PORTS, Layout, address, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path, arguments: Sequence[str]) -> Process:
    """`arguments`: those of the operator's StatefulSet, already on local paths. It is served where an Endpoints object may lead too."""
    addresses = (address("prometheus"), f"{POD_GATEWAY}:{PORTS['prometheus']}")
    return Process(
        name="prometheus",
        argv=(str(binary), *arguments, *(f"--web.listen-address={each}" for each in addresses)),
        needs=("reloader",),
        ready=inside_url("prometheus", "/-/ready"),
    )
