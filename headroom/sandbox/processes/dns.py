"""The cluster's DNS: tells pods where Services are."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox import dns
from headroom.sandbox.layout import Layout, inside_url
from headroom.sandbox.process import Process, python


def describe(layout: Layout) -> Process:
    return Process(
        name="dns",
        argv=python("headroom.sandbox.dns", str(layout.clone.root)),
        needs=("identities",),
        ready=inside_url("dns-health"),
        reads=(Path(dns.__file__),),
    )
