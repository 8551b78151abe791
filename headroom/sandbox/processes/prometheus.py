"""Prometheus, with the arguments and on the configuration that the operator generated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headroom.sandbox.layout import Layout, address, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path, arguments: Sequence[str]) -> Process:
    """`arguments`: those of the operator's StatefulSet, already on local paths."""
    return Process(
        name="prometheus",
        argv=(str(binary), *arguments, f"--web.listen-address={address('prometheus')}"),
        needs=("reloader",),
        ready=inside_url("prometheus", "/-/ready"),
    )
