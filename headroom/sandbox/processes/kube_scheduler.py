"""The scheduler."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import HOST, PORTS, Layout, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path) -> Process:
    return Process(
        name="kube-scheduler",
        argv=(
            str(binary),
            f"--kubeconfig={layout.kubeconfig_of('kube-scheduler')}",
            f"--bind-address={HOST}",
            f"--secure-port={PORTS['kube-scheduler']}",
            f"--tls-cert-file={layout.certificate('localhost')}",
            f"--tls-private-key-file={layout.key('localhost')}",
            "--leader-elect=false",
        ),
        needs=("kube-apiserver",),
        ready=inside_url("kube-scheduler", "/healthz"),
    )
