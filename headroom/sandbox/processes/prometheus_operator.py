"""The Prometheus operator: turns monitors and rules of the cluster into Prometheus' configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from headroom.sandbox.layout import Layout, address, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path, *, definitions: Iterable[str]) -> Process:
    """`definitions`: names of those that it may find. It leaves out, for good, a kind that is not there when it starts."""
    return Process(
        name="prometheus-operator",
        argv=(
            str(binary),
            f"--apiserver={inside_url('kube-apiserver')}",
            f"--ca-file={layout.certificate('ca')}",
            f"--cert-file={layout.certificate('prometheus-operator')}",
            f"--key-file={layout.key('prometheus-operator')}",
            f"--web.listen-address={address('prometheus-operator')}",
            "--kubelet-endpoints=false",
        ),
        # It exits when a kind that it serves is not there yet.
        needs=("crds", "identities"),
        ready=inside_url("prometheus-operator", "/healthz"),
        reads=tuple(layout.definition(name) for name in definitions),
    )
