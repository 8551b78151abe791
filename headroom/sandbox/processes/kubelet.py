"""The agent that plays the kubelet for the fake nodes: it runs their pods as processes."""

from __future__ import annotations

import importlib.util

from headroom.sandbox.layout import Layout
from headroom.sandbox.process import Process, python

MODULE = "headroom.sandbox.kubelet"


def available() -> bool:
    return importlib.util.find_spec(f"{MODULE}.__main__") is not None


def describe(layout: Layout) -> Process:
    return Process(
        name="kubelet",
        argv=python(MODULE, "--kubeconfig", str(layout.kubeconfig_of("kubelet"))),
        needs=("identities",),
    )
