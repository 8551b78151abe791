"""Brings the configuration that the operator generated to the program that it is of."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import Layout, inside_url
from headroom.sandbox.process import Process, python

SOURCE = Path(__file__).parent.parent / "monitoring"


def describe(layout: Layout, process: str, program: str, namespace: str, name: str, *, needs: str) -> Process:
    """`name` is that of the object of `program` in `namespace`, which is there after the task `needs`.

    Ready once the first configuration is written.
    """
    return Process(
        name=process,
        argv=python("headroom.sandbox.monitoring.reloader", str(layout.clone.root), process, program, namespace, name),
        needs=("identities", needs),
        ready=inside_url(process, "/-/ready"),
        reads=tuple(sorted(SOURCE.glob("*.py"))),
        health=inside_url(process, "/-/healthy"),
    )
