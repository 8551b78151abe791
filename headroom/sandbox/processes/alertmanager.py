"""Alertmanager, with the arguments and on the configuration that the operator generated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headroom.sandbox.layout import POD_GATEWAY, PORTS, exposed_url
from headroom.sandbox.process import Process


def describe(binary: Path, arguments: Sequence[str]) -> Process:
    """`arguments`: those of the operator's StatefulSet, already on local paths. It is served where an Endpoints object may lead."""
    return Process(
        name="alertmanager",
        argv=(str(binary), *arguments, f"--web.listen-address={POD_GATEWAY}:{PORTS['alertmanager']}"),
        needs=("alertmanager-reloader",),
        ready=exposed_url("alertmanager", "/-/ready"),
    )
