"""Brings the configuration that the operator generated to Prometheus."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import Layout, inside_url
from headroom.sandbox.process import Process, python

SOURCE = Path(__file__).parent.parent / "monitoring"


def describe(layout: Layout, namespace: str, prometheus: str) -> Process:
    """`prometheus` is the name of the Prometheus object in `namespace`. Ready once the first configuration is written."""
    return Process(
        name="reloader",
        argv=python("headroom.sandbox.monitoring.reloader", str(layout.clone.root), namespace, prometheus),
        needs=("identities", "monitoring"),
        ready=inside_url("reloader", "/-/ready"),
        reads=tuple(sorted(SOURCE.glob("*.py"))),
        health=inside_url("reloader", "/-/healthy"),
    )
